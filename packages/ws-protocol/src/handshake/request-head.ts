/** The head of a request, from the bytes that a client sends. */
import { isToken } from "./characters.js";
import { createHandshakeFault, type HandshakeFault, isHandshakeFault } from "./handshake-faults.js";
import { DEFAULT_HANDSHAKE_LIMITS, type HandshakeLimits } from "./handshake-limits.js";
import { HeadScanner } from "./head-scanner.js";
import type { HeaderLines } from "./header-lines.js";
import { type DecodeLatin1, latin1Text } from "./latin1.js";
import { type Refusal, refuseFault } from "./refusal.js";

/**
 * A request as HTTP sees it. From Node's `http`:
 * `{ method, target: request.url, httpVersion, headers: HeaderLines.fromRaw(request.rawHeaders) }`.
 */
export interface RequestHead {
  readonly method: string;
  /** The request target as sent: a path with its query, or an absolute URL. */
  readonly target: string;
  /** Such as "1.1". */
  readonly httpVersion: string;
  readonly headers: HeaderLines;
}

export type RequestHeadResult =
  | { readonly type: "incomplete" }
  | {
      readonly type: "head";
      readonly head: RequestHead;
      /** How many of the bytes just received belong to the head; the rest are frames. */
      readonly consumed: number;
    }
  | Refusal;

/**
 * Reads a request head from bytes cut anywhere. Feed it until the result is not `incomplete`, then
 * drop it, or `reset` it for another connection. The bytes may be reused as soon as `receive` returns.
 */
export class RequestHeadParser {
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
    this.#scanner = new HeadScanner(limits, true, decodeLatin1);
  }

  /**
   * The bytes of the head once it is complete, for another HTTP server that shall answer it. They are
   * those of `receive` if it came in one piece, so use them before `receive`'s bytes are reused.
   */
  get bytes(): Uint8Array {
    return this.#scanner.scanned;
  }

  /** Begins anew, with the head of another connection; nothing of this one is kept. */
  reset(): void {
    this.#scanner.reset();
    this.#done = false;
  }

  /** @throws {Error} when the head was complete or refused before. */
  receive(bytes: Uint8Array): RequestHeadResult {
    if (this.#done) throw new Error("The request head is complete: these bytes are not part of it");
    const scanned = this.#scanner.receive(bytes);
    if (scanned.type === "incomplete") return scanned;
    this.#done = true;
    if (isHandshakeFault(scanned)) return refuseFault(scanned);
    const head = readRequestLine(scanned.startLine, scanned.headers);
    if (isHandshakeFault(head)) return refuseFault(head);
    return { type: "head", head, consumed: this.#scanner.consumed };
  }
}

/** RFC 9112 §3: method SP request-target SP HTTP-version, one space each. */
function readRequestLine(line: string, headers: HeaderLines): RequestHead | HandshakeFault {
  const methodEnd = line.indexOf(" ");
  const targetEnd = line.lastIndexOf(" ");
  const method = line.slice(0, methodEnd);
  const target = line.slice(methodEnd + 1, targetEnd);
  const httpVersion = readHttpVersion(line, targetEnd + 1);
  const broken = methodEnd === -1 || target === "" || target.includes(" ") || !isToken(method);
  if (broken || httpVersion === undefined) {
    return createHandshakeFault(
      "start-line-invalid",
      'The request line is not HTTP. It must be like "GET /path HTTP/1.1".',
    );
  }
  return { method, target, httpVersion, headers };
}

/** RFC 9112 §2.3: "HTTP/" DIGIT "." DIGIT, to the end of the line or to `end`. */
export function readHttpVersion(
  line: string,
  start: number,
  end: number = line.length,
): string | undefined {
  if (end - start !== 8 || !line.startsWith("HTTP/", start) || line[start + 6] !== ".") {
    return undefined;
  }
  const version = line.slice(start + 5, end);
  return isDigit(version.charCodeAt(0)) && isDigit(version.charCodeAt(2)) ? version : undefined;
}

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
