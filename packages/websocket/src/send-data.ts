/** What can be sent, and the bytes of it. */

/** Views and buffers are sent as exactly the bytes that they cover. */
export type SendData = string | ArrayBufferView | ArrayBufferLike | Blob;

/** What can be sent at once: a Blob has to be read first. */
export type ReadySendData = Exclude<SendData, Blob>;

/** Up to here the protocol copies what it is given before `send` returns. */
const COPIED_BYTES_MAX = 4 * 1024;

/**
 * The bytes that `data` covers, without copying: except of shared memory, which another thread
 * could change between the check and the write.
 *
 * @throws {TypeError} when `data` is nothing that can be sent.
 */
export function bytesOf(data: ArrayBufferView | ArrayBufferLike): Uint8Array {
  if (ArrayBuffer.isView(data)) {
    if (data instanceof Uint8Array) {
      if (data.length <= COPIED_BYTES_MAX || !(data.buffer instanceof SharedArrayBuffer)) {
        return data;
      }
      return copyOf(data);
    }
    return ownShared(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) {
    return ownShared(new Uint8Array(data));
  }
  throw new TypeError(
    "send() takes a string, an ArrayBuffer, a typed array, a DataView or a Blob; " +
      `${describe(data)} is none of them`,
  );
}

/** What `send` accepted, counted in bytes; throws as `bytesOf`. */
export function byteLengthOf(data: SendData): number {
  if (typeof data === "string") return Buffer.byteLength(data);
  return data instanceof Blob ? data.size : bytesOf(data).byteLength;
}

/** A copy in memory of its own: the `slice` of a Buffer would be a view. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

function ownShared(bytes: Uint8Array): Uint8Array {
  if (!(bytes.buffer instanceof SharedArrayBuffer)) return bytes;
  return copyOf(bytes);
}

function describe(value: unknown): string {
  if (typeof value === "object" && value !== null) return Object.prototype.toString.call(value);
  return value === null ? "null" : typeof value;
}
