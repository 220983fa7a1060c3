// The two errors that a program throws to tell the other side something, and what it gets to catch.

import { type Bye, bounds, CloseCode, type Failure } from "@tidewire/session-protocol";

/**
 * The answer to a request is an error (PROTOCOL.md §8.2). Thrown by a handler, it reaches the asker
 * with its code, message and data; every other error becomes `internal` without details. Requests of
 * the hub reject with it, also for its own reasons: `timeout`, `lost`, `busy`, `invalid`, `gap`.
 */
export class FailureError extends Error {
  /** A word for programs, 1 to 64 characters. */
  readonly code: string;
  readonly data: unknown;

  constructor(
    code: string,
    message: string = code,
    options: { data?: unknown; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = "FailureError";
    this.code = code;
    this.data = options.data;
  }

  /** Of a packet. */
  static of(failure: Omit<Failure, "type" | "id">): FailureError {
    return new FailureError(failure.code, failure.message, { data: failure.data });
  }

  /** As a packet. What it carries was chosen by the program, but is cut to what the wire takes. */
  static packet(id: number, error: unknown): Failure {
    if (!(error instanceof FailureError)) {
      return { type: "failure", id, code: "internal", message: "the handler failed" };
    }
    const code = /^[^\u0000-\u001f\u007f-\u009f]{1,64}$/.test(error.code) ? error.code : "internal";
    const message = error.message.slice(0, bounds.textMax);
    return { type: "failure", id, code, message, ...given(error.data) };
  }
}

/**
 * Thrown in `authenticate` or in connect middleware: the link is refused with this code (§11). Every
 * other error thrown there is answered with 4401, without its message.
 */
export class RefusedError extends Error {
  readonly bye: Bye;

  /** `reconnect` overrides what the code means by itself; `retryMs` is the least delay. */
  constructor(
    reason: string,
    options: { code?: number; reconnect?: boolean; retryMs?: number; cause?: unknown } = {},
  ) {
    super(reason, options.cause === undefined ? {} : { cause: options.cause });
    this.name = "RefusedError";
    const { code = CloseCode.unauthorised, reconnect, retryMs } = options;
    if (!Number.isInteger(code) || code < 4000 || code > 4999) {
      throw new RangeError(`A refusal's code must be within 4000 to 4999, not ${code}.`);
    }
    this.bye = {
      type: "bye",
      code,
      reason: reason.slice(0, bounds.textMax),
      ...(reconnect === undefined ? {} : { reconnect }),
      ...(retryMs === undefined ? {} : { retryMs: Math.ceil(retryMs) }),
    };
  }
}

/** `{ data }` unless there is none. */
export function given(data: unknown): { data?: unknown } {
  return data === undefined ? {} : { data };
}
