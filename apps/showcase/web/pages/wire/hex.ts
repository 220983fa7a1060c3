// Bytes in rows, as a hex dump has them.

export interface HexRow {
  readonly offset: string;
  readonly hex: string;
  /** A point for whatever cannot be seen. */
  readonly ascii: string;
}

export function hexRows(bytes: Uint8Array, perRow: number): HexRow[] {
  const rows: HexRow[] = [];
  for (let at = 0; at < bytes.length; at += perRow) {
    const row = bytes.subarray(at, at + perRow);
    rows.push({
      offset: at.toString(16).padStart(4, "0"),
      hex: Array.from(row, hexByte).join(" "),
      ascii: Array.from(row, (byte) =>
        byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".",
      ).join(""),
    });
  }
  return rows;
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, hexByte).join("");
}

export function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
