// The accept value, step by step (RFC 6455 §4.2.2). Not by `crypto.subtle`, which browsers withhold
// from pages that came over plain HTTP from another machine.
import { sha1 } from "@noble/hashes/legacy";
import { encodeBase64 } from "@tidewire/session-protocol";
import { hexOf } from "./hex.js";

/** §1.3: a fixed text that no other protocol would put there. */
export const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

export interface AcceptSteps {
  readonly key: string;
  /** The key's bytes, in hexadecimal. */
  readonly keyHex: string;
  readonly joined: string;
  readonly digestHex: string;
  readonly accept: string;
}

export function computeAccept(key: string): AcceptSteps {
  const joined = key + guid;
  const digest = sha1(new TextEncoder().encode(joined));
  return {
    key,
    keyHex: hexOf(Uint8Array.from(atob(key), (letter) => letter.charCodeAt(0))),
    joined,
    digestHex: hexOf(digest),
    accept: encodeBase64(digest),
  };
}
