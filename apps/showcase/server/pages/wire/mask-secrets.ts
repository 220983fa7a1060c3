// Overwrites what must not be seen over a shoulder or in an exported file: whoever has the secret of
// a session can continue it, and whoever has a token is its owner.
import type { Packet } from "@tidewire/session-protocol";

const secretHeader = /^(cookie|set-cookie|authorization|proxy-authorization): (.*)$/gim;

/** Of a request or response; the names stay. */
export function maskHead(head: string): string {
  return head.replace(
    secretHeader,
    (_, name: string, value: string) => `${name}: (masked, ${value.trimEnd().length} characters)`,
  );
}

/** Values of JSON text, also where it is cut. */
const secretValue = /("(?:secret|token)"\s*:\s*")((?:[^"\\]|\\.)*)/g;

/** Packets whose fields are the protocol's own. In the others everything is the application's. */
const bareTypes: ReadonlySet<string> = new Set(["hello", "welcome", "token", "batch"]);

/**
 * Overwrites the secrets in a message's bytes by as many letters, so that lengths stay true and the
 * packet can still be read.
 *
 * @param packet what is in it; undefined when that could not be read, which is then masked as well
 * @returns whether there were any
 */
export function maskPayload(bytes: Uint8Array, packet: Packet | undefined): boolean {
  if (packet !== undefined && !bareTypes.has(packet.type)) return false;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  let isMasked = false;
  for (const { index, 1: before = "", 2: value = "" } of text.matchAll(secretValue)) {
    const start = index + before.length;
    for (let at = 0; at < value.length; at += 1) {
      bytes[start + at] = mask.charCodeAt(at % mask.length);
    }
    isMasked = true;
  }
  return isMasked;
}

/** Of letters that an id may have. */
const mask = "masked-";
