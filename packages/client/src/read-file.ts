// The work of a download: a stream whose items are byte strings becomes a file.

import { ClientError } from "./client-error.js";
import type { Download } from "./download.js";
import { sha256 } from "./sha256.js";
import type { FileInfo } from "./transfer.js";

/** The bytes as they come; `took` hears how many there are before they are handed out. */
export async function* readFile(
  download: Download,
  total: number | undefined,
  took: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { stream, file } = download;
  let bytes = 0;
  try {
    for await (const item of stream) {
      await download.passed();
      if (download.error !== undefined) break;
      if (!(item instanceof Uint8Array)) {
        throw new ClientError("invalid", "An item of a file stream is not a byte string.");
      }
      bytes += item.length;
      took(bytes);
      yield item;
      download.onProgress?.({ bytes, total });
    }
    if (download.error !== undefined) throw download.error;
    if (file !== undefined && file.size !== bytes) {
      throw new ClientError("invalid", `The file ended after ${bytes} of ${file.size} bytes.`);
    }
  } catch (error) {
    stream.cancel("invalid", error instanceof ClientError ? error.message : "");
    throw download.error ?? error;
  }
}

/** The whole file, compared with the hash that the server told, if any. */
export async function collectFile(download: Download): Promise<Blob> {
  const parts: BlobPart[] = [];
  // Copies: an item is a view on the message that carried it.
  for await (const part of download) parts.push(part.slice() as Uint8Array<ArrayBuffer>);
  const blob = new Blob(parts, { type: download.file?.type ?? "" });
  const claimed = (await download.result) as { sha256?: unknown } | null | undefined;
  if (typeof claimed?.sha256 === "string" && globalThis.crypto?.subtle !== undefined) {
    if ((await sha256(blob)) !== claimed.sha256.toLowerCase()) {
      throw new ClientError("invalid", "The file's SHA-256 is not the one that the server told.");
    }
  }
  return blob;
}

/**
 * What a server says when it opens a file stream.
 * @throws {ClientError} `invalid`.
 */
export function readFileInfo(data: unknown): FileInfo {
  const { name, size, type = "", meta } = (data ?? {}) as { [key in keyof FileInfo]?: unknown };
  const isSized = Number.isSafeInteger(size) && (size as number) >= 0;
  if (typeof name !== "string" || !isSized || typeof type !== "string") {
    throw new ClientError("invalid", "A file stream opens with the file's name, size and type.");
  }
  return { name, size: size as number, type, ...(meta === undefined ? {} : { meta }) };
}
