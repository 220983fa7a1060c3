/** The proof that a server has read the key and speaks WebSocket. */
import { encodeBase64 } from "./base64.js";
import { latin1Bytes } from "./latin1.js";

/** SHA-1 of `bytes`: 20 bytes. The platform provides it. */
export type Sha1 = (bytes: Uint8Array) => Uint8Array;

/** SHA-1 of ASCII text, in base64: for platforms that do both in one step. */
export type Sha1Base64 = (text: string) => string;

/** RFC 6455 §1.3: fixed by the RFC, and in no other protocol. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** RFC 6455 §4.2.2: the `Sec-WebSocket-Accept` that answers `key`, a `Sec-WebSocket-Key`. */
export function acceptValue(key: string, sha1: Sha1): string {
  return encodeBase64(sha1(latin1Bytes(key + GUID)));
}

/** The same, in one step of the platform. */
export function acceptValueAtOnce(key: string, sha1Base64: Sha1Base64): string {
  return sha1Base64(key + GUID);
}
