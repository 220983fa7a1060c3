// A file to a peer, on a stream, in chunks of a size that leaves room for others between them.

import type { HubStream } from "./hub-stream.js";

/** Bytes of one item: sixteen fill a message of 1 MiB, and an event waits for one of them only. */
export const chunkBytes = 65_536;

export interface DownloadOptions {
  /** Called with the bytes handed to the stream so far: the receiver has all but one window. */
  readonly onProgress?: (sent: number) => void;
  /** Told with the end, so that the receiver can compare. Hexadecimal. */
  readonly sha256?: () => string;
}

/** @throws {TypeError} for a name or size that no receiver takes. */
export function checkFile({ name, size }: { name: string; size: number }): void {
  if (typeof name === "string" && Number.isSafeInteger(size) && size >= 0) return;
  throw new TypeError("A file to be sent has a name, and a size in bytes, a whole number.");
}

/**
 * Sends a source's bytes and ends; resolves with what the receiver said at its end.
 * @throws {TypeError} when the source gives something else than `size` bytes.
 */
export async function sendFile(
  stream: HubStream,
  size: number,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: DownloadOptions = {},
): Promise<unknown> {
  let sent = 0;
  try {
    for await (const piece of source) {
      if (!(piece instanceof Uint8Array)) {
        throw new TypeError(`The source of a file gave a ${typeof piece}, and no Uint8Array.`);
      }
      if (sent + piece.length > size) throw wrongSize(sent + piece.length, size);
      for (let at = 0; at < piece.length; at += chunkBytes) {
        const chunk = piece.subarray(at, at + chunkBytes);
        await stream.send(chunk);
        sent += chunk.length;
        options.onProgress?.(sent);
      }
    }
    if (sent < size) throw wrongSize(sent, size);
  } catch (error) {
    stream.cancel("internal", "the file could not be read");
    throw error;
  }
  const sha256 = options.sha256?.();
  stream.end(sha256 === undefined ? undefined : { sha256 });
  return await stream.result;
}

function wrongSize(sent: number, size: number): TypeError {
  return new TypeError(
    `The source of a file gave ${sent} bytes, and its size was told as ${size}.`,
  );
}
