// Amounts of bytes in words, the same on the page and in what the server says.

const units = ["KiB", "MiB", "GiB", "TiB"] as const;

/** `0 bytes`, `999 bytes`, `3.2 MiB`, `100 MiB`: rounded, short, and never a unit too small. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_024) return bytes === 1 ? "1 byte" : `${bytes} bytes`;
  let value = bytes;
  let unit = -1;
  // What would be shown as 1024 of a unit is 1 of the next.
  while (unit < units.length - 1 && value >= 1_023.5) {
    value /= 1_024;
    unit += 1;
  }
  const number = value < 9.95 ? value.toFixed(1).replace(".0", "") : value.toFixed(0);
  return `${number} ${units[unit]}`;
}

/** An amount and the limit that it exceeds: exact where rounding would make them look equal. */
export function formatExcess(bytes: number, limit: number): readonly [string, string] {
  const words = [formatBytes(bytes), formatBytes(limit)] as const;
  return words[0] === words[1] ? [formatExactly(bytes), formatExactly(limit)] : words;
}

/** How long something is kept: `15 minutes`, `an hour`. */
export function formatMinutes(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes === 60) return "an hour";
  return minutes === 1 ? "a minute" : `${minutes} minutes`;
}

function formatExactly(bytes: number): string {
  return `${bytes.toLocaleString("en")} bytes`;
}
