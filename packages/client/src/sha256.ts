// SHA-256, to compare a file with what its sender says of it.

import { ClientError } from "./client-error.js";

/** SHA-256 of bytes in hexadecimal, by the platform's WebCrypto. Pages need a secure context for it. */
export async function sha256(bytes: Uint8Array | Blob): Promise<string> {
  const { subtle } = globalThis.crypto ?? {};
  if (subtle === undefined) throw new ClientError("unavailable", "There is no WebCrypto here.");
  const whole =
    bytes instanceof Blob ? await bytes.arrayBuffer() : (bytes as Uint8Array<ArrayBuffer>);
  const digest = new Uint8Array(await subtle.digest("SHA-256", whole));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
