// The secret of whoever runs the server.
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** 192 random bits, in characters that mean nothing in an address. */
export function makeOperationsToken(): string {
  return randomBytes(24).toString("base64url");
}

/** Takes the same time for every wrong one, however much of it is right. */
export class OperationsToken {
  readonly #digest: Buffer;

  constructor(token: string) {
    this.#digest = digestOf(token);
  }

  is(token: string): boolean {
    return timingSafeEqual(digestOf(token), this.#digest);
  }
}

/** Digests are of one length, as the comparison needs them. */
function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
