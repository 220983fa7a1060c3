/** The head of a response, from the bytes that a server sends. */

import { failFault, type HandshakeFailure } from "./handshake-failure.js";
import { createHandshakeFault, type HandshakeFault, isHandshakeFault } from "./handshake-faults.js";
import { DEFAULT_HANDSHAKE_LIMITS, type HandshakeLimits } from "./handshake-limits.js";
import { HeadScanner } from "./head-scanner.js";
import type { HeaderLines } from "./header-lines.js";
import { type DecodeLatin1, latin1Text } from "./latin1.js";
import { isDigit, readHttpVersion } from "./request-head.js";

/** A response as HTTP sees it; from Node's `http` much like `RequestHead`. */
export interface ResponseHead {
  readonly status: number;
  readonly reasonPhrase: string;
  /** Such as "1.1". */
  readonly httpVersion: string;
  readonly headers: HeaderLines;
}

export type ResponseHeadResult =
  | { readonly type: "incomplete" }
  | {
      readonly type: "head";
      readonly head: ResponseHead;
      /** How many of the bytes just received belong to the head; the rest are frames or a body. */
      readonly consumed: number;
    }
  | HandshakeFailure;

/**
 * Reads a response head from bytes cut anywhere. Interim responses (100, 103 …) that come before it
 * are skipped (RFC 9110 §15.2) and share its limits, so that they cannot go on for ever.
 */
export class ResponseHeadParser {
  readonly #scanner: HeadScanner;
  #done = false;

  /**
   * `limits` are resolved once for all connections, see `resolveHandshakeLimits`. `decodeLatin1` may
   * be a faster decoder of the platform, such as that of Node's `Buffer`.
   */
  constructor(
    limits: HandshakeLimits = DEFAULT_HANDSHAKE_LIMITS,
    decodeLatin1: DecodeLatin1 = latin1Text,
  ) {
    this.#scanner = new HeadScanner(limits, false, decodeLatin1);
  }

  /** @throws {Error} when the head was complete or had failed before. */
  receive(bytes: Uint8Array): ResponseHeadResult {
    if (this.#done)
      throw new Error("The response head is complete: these bytes are not part of it");
    let scanned = this.#scanner.receive(bytes);
    while (scanned.type === "head") {
      const line = readStatusLine(scanned.startLine);
      if (isHandshakeFault(line)) {
        this.#done = true;
        return failFault(line);
      }
      if (line.status >= 200 || line.status === 101) {
        this.#done = true;
        const head = { ...line, headers: scanned.headers };
        return { type: "head", head, consumed: this.#scanner.consumed };
      }
      this.#scanner.restart();
      scanned = this.#scanner.resume();
    }
    if (scanned.type === "incomplete") return scanned;
    this.#done = true;
    return failFault(scanned);
  }
}

/**
 * RFC 9112 §4: HTTP-version SP status-code SP [reason-phrase]. Laxer in one point: the second space
 * may be missing along with the phrase, as many small servers have it; nothing depends on it.
 */
function readStatusLine(line: string): Omit<ResponseHead, "headers"> | HandshakeFault {
  const httpVersion = readHttpVersion(line, 0, 8);
  const digits = line.slice(9, 12);
  const separated = line[8] === " " && (line.length === 12 || line[12] === " ");
  const status = isDigits(digits) ? Number(digits) : 0;
  if (httpVersion === undefined || !separated || status < 100) {
    return createHandshakeFault(
      "start-line-invalid",
      'The server did not answer with HTTP: its first line is not like "HTTP/1.1 101 Switching Protocols". Check host, port and whether it expects TLS.',
    );
  }
  return { httpVersion, status, reasonPhrase: line.slice(13) };
}

function isDigits(text: string): boolean {
  for (let index = 0; index < 3; index++) if (!isDigit(text.charCodeAt(index))) return false;
  return true;
}
