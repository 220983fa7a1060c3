// Reads the body of a request: bounded in bytes while it arrives, and in time (PROTOCOL.md §10.2).

import { type Bye, CloseCode, type Codec, type Encoded } from "@tidewire/session-protocol";
import type { Admission } from "../sessions/admission.js";
import type { Departure } from "../sessions/departure.js";
import { byeOf } from "./answer.js";

/** A body of a web `Request`, or anything that hands out chunks. */
type SlowBody = AsyncIterable<Uint8Array> | ReadableStream<Uint8Array> | PushedBody;

/** Bytes: all of it was there when the request was. Null: there is none. */
export type Body = SlowBody | Uint8Array | null;

/** A body whose chunks come by themselves, which saves a promise for each. */
export interface PushedBody {
  /** Begins; answers how to stop. That it broke off is told by the request's signal. */
  push(to: { chunk(bytes: Uint8Array): void; end(): void }): () => void;
}

export interface BodyRules {
  readonly codec: Codec;
  readonly bytesMax: number;
  readonly timeMs: number;
  readonly signal: Departure;
}

/** The body as its codec wants it, and its size. */
export interface ReadBody {
  readonly type: "body";
  readonly body: Encoded;
  readonly bytes: number;
}

/** A body that is there: without timers, listeners or promises. */
export function wholeBody(body: Uint8Array | null, codec: Codec, bytesMax: number): ReadBody | Bye {
  const whole = body ?? nothing;
  return whole.length > bytesMax ? tooLong(bytesMax) : decode(whole, codec);
}

/** Never rejects: a body that is too long, too late, broken off or no UTF-8 is answered with a bye. */
export async function readBody(
  body: SlowBody,
  rules: BodyRules,
  admission: Admission,
): Promise<ReadBody | Bye> {
  const reading = new Reading(body, rules);
  const stopTimer = admission.after(rules.timeMs, () =>
    reading.stop(byeOf(CloseCode.helloTimeout, `the body took longer than ${rules.timeMs} ms`)),
  );
  const onAbort = (): void =>
    reading.stop(byeOf(CloseCode.helloTimeout, "the request was aborted"));
  rules.signal.addEventListener("abort", onAbort, { once: true });
  if (rules.signal.aborted) onAbort();
  try {
    return await reading.done;
  } finally {
    stopTimer();
    rules.signal.removeEventListener("abort", onAbort);
  }
}

/** One body under way; whatever comes first ends it. */
class Reading {
  readonly done: Promise<ReadBody | Bye>;
  readonly #rules: BodyRules;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #stopSource: () => void = () => {};
  #finish: (outcome: ReadBody | Bye) => void = () => {};
  #isOver = false;

  constructor(body: SlowBody, rules: BodyRules) {
    this.#rules = rules;
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
    if ("push" in body) {
      const chunk = (bytes: Uint8Array): void => this.#take(bytes);
      this.#stopSource = body.push({ chunk, end: () => this.#end() });
      // What was there at once may have ended it already.
      if (this.#isOver) this.#stopSource();
      return;
    }
    this.#pull((body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()).catch(() =>
      this.stop(byeOf(CloseCode.malformed, "the body broke off")),
    );
  }

  stop(bye: Bye): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#finish(bye);
    // The rest is not read.
    this.#stopSource();
  }

  async #pull(iterator: AsyncIterator<Uint8Array>): Promise<void> {
    // A source that is stuck need not answer.
    this.#stopSource = () => void iterator.return?.().then(undefined, () => {});
    for (;;) {
      const { done, value } = await iterator.next();
      if (this.#isOver) return;
      if (done === true) break;
      this.#take(value);
    }
    this.#end();
  }

  #take(chunk: Uint8Array): void {
    if (this.#isOver) return;
    const { bytesMax } = this.#rules;
    this.#bytes += chunk.length;
    if (this.#bytes > bytesMax) {
      this.stop(tooLong(bytesMax));
      return;
    }
    this.#chunks.push(chunk);
    // A million one-byte chunks would cost more than their bytes (as one-byte DATA frames do).
    if (this.#chunks.length >= piecesMax) this.#chunks = [joined(this.#chunks, this.#bytes)];
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#finish(decode(joined(this.#chunks, this.#bytes), this.#rules.codec));
  }
}

const piecesMax = 1024;
const nothing = new Uint8Array(0);
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decode(whole: Uint8Array, codec: Codec): ReadBody | Bye {
  const bytes = whole.length;
  if (codec.binary) return { type: "body", body: whole, bytes };
  try {
    return { type: "body", body: utf8.decode(whole), bytes };
  } catch {
    return byeOf(CloseCode.malformed, "the body is not UTF-8");
  }
}

function tooLong(bytesMax: number): Bye {
  return byeOf(CloseCode.tooLarge, `a body above ${bytesMax} bytes`);
}

function joined(chunks: readonly Uint8Array[], bytes: number): Uint8Array {
  if (chunks.length === 1) return chunks[0]!;
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
