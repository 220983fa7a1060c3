/** Headers that the handshake writes itself, so that no application contradicts it by accident. */

const RESERVED: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "host",
  "transfer-encoding",
  "upgrade",
]);

/** @throws {TypeError} when `name` is a header of the handshake. */
export function assertNotReserved(name: string): void {
  const lower = name.toLowerCase();
  if (RESERVED.has(lower) || lower.startsWith("sec-websocket-")) {
    throw new TypeError(
      `The ${name} header belongs to the handshake: leave it out, and use the option for it if there is one`,
    );
  }
}
