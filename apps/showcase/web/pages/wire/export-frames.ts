// What the page has seen, as a file.

import { type Frame, payloadOnTheLine } from "./frame.js";
import { hexOf, hexRows } from "./hex.js";
import type { LinkView } from "./link-view.js";

/** Everything, for programs. Bytes are in hexadecimal. Secrets were masked by the server. */
export function exportJson(links: readonly LinkView[], frames: readonly Frame[]): string {
  const body = {
    links: links.map(({ item, end }) => ({
      link: item.link,
      transport: item.transport,
      seenSince: new Date(item.at).toISOString(),
      handshake: item.handshake,
      ...(end && {
        endedAt: new Date(end.at).toISOString(),
        isCut: end.isCut,
        counts: end.counts,
      }),
    })),
    frames: frames.map(({ item, header, opcode, packet, missing }) => ({
      number: item.number,
      link: item.link,
      at: new Date(item.at).toISOString(),
      direction: item.direction,
      fin: header.fin,
      rsv: [header.rsv1, header.rsv2, header.rsv3],
      opcode,
      masked: header.masked,
      length: header.length,
      header: hexOf(item.header),
      payload: hexOf(item.payload),
      missing,
      ...(item.position !== undefined && { position: item.position }),
      ...(packet && { packet }),
    })),
  };
  // Byte strings are in the payload already.
  const replace = (_: string, value: unknown) =>
    value instanceof Uint8Array ? `(${value.length} bytes)` : value;
  return `${JSON.stringify(body, replace, 2)}\n`;
}

/** As on the line, for people and for tools that read hex dumps. */
export function exportHex(frames: readonly Frame[]): string {
  return frames
    .map((frame) => {
      const { item, opcode, missing } = frame;
      const payload = payloadOnTheLine(frame);
      const bytes = new Uint8Array(item.header.length + payload.length);
      bytes.set(item.header);
      bytes.set(payload, item.header.length);
      const arrow = item.direction === "up" ? "page > server" : "server > page";
      const title = `# ${item.number} ${new Date(item.at).toISOString()} ${arrow} ${opcode}`;
      const rows = hexRows(bytes, 16).map(
        ({ offset, hex, ascii }) => `${offset}  ${hex.padEnd(47)}  ${ascii}`,
      );
      const rest = missing > 0 ? [`# and ${missing} bytes more`] : [];
      return [title, ...rows, ...rest, ""].join("\n");
    })
    .join("\n");
}

/** Hands the browser a file to keep. */
export function saveFile(name: string, type: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  URL.revokeObjectURL(url);
}
