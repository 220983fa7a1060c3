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

/** Sends a source's bytes and ends; resolves with what the receiver said at its end. */
export async function sendFile(
  stream: HubStream,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: DownloadOptions = {},
): Promise<unknown> {
  let sent = 0;
  try {
    for await (const piece of source) {
      for (let at = 0; at < piece.length; at += chunkBytes) {
        const chunk = piece.subarray(at, at + chunkBytes);
        await stream.send(chunk);
        sent += chunk.length;
        options.onProgress?.(sent);
      }
    }
  } catch (error) {
    stream.cancel("internal", "the file could not be read");
    throw error;
  }
  const sha256 = options.sha256?.();
  stream.end(sha256 === undefined ? undefined : { sha256 });
  return await stream.result;
}
