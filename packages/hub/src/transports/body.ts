// Reads the body of a request: bounded in bytes while it arrives, and in time (PROTOCOL.md §10.2).

import { type Bye, CloseCode, type Codec, type Encoded } from "@tidewire/session-protocol";
import type { Admission } from "../sessions/admission.js";
import { byeOf } from "./answer.js";

/** A body of a web `Request`, or anything that hands out chunks. */
export type Body = AsyncIterable<Uint8Array> | ReadableStream<Uint8Array> | null;

export interface BodyRules {
  readonly codec: Codec;
  readonly bytesMax: number;
  readonly timeMs: number;
  readonly signal: AbortSignal;
}

/** The body as its codec wants it, and its size. */
export interface ReadBody {
  readonly type: "body";
  readonly body: Encoded;
  readonly bytes: number;
}

/** Never rejects: a body that is too long, too late, broken off or no UTF-8 is answered with a bye. */
export async function readBody(
  body: Body,
  rules: BodyRules,
  admission: Admission,
): Promise<ReadBody | Bye> {
  if (body === null) return decode([], 0, rules.codec);
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
  readonly #iterator: AsyncIterator<Uint8Array>;
  #finish: (outcome: ReadBody | Bye) => void = () => {};
  #isOver = false;

  constructor(body: Exclude<Body, null>, rules: BodyRules) {
    this.#rules = rules;
    this.#iterator = (body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#run().catch(() => this.stop(byeOf(CloseCode.malformed, "the body broke off")));
  }

  stop(bye: Bye): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#finish(bye);
    // The rest is not read. A source that is stuck need not answer.
    this.#iterator.return?.().then(undefined, () => {});
  }

  async #run(): Promise<void> {
    const { bytesMax, codec } = this.#rules;
    let chunks: Uint8Array[] = [];
    let bytes = 0;
    for (;;) {
      const { done, value } = await this.#iterator.next();
      if (this.#isOver) return;
      if (done === true) break;
      bytes += value.length;
      if (bytes > bytesMax) {
        this.stop(byeOf(CloseCode.tooLarge, `a body above ${bytesMax} bytes`));
        return;
      }
      chunks.push(value);
      // A million one-byte chunks would cost more than their bytes (as one-byte DATA frames do).
      if (chunks.length >= piecesMax) chunks = [joined(chunks, bytes)];
    }
    this.#isOver = true;
    this.#finish(decode(chunks, bytes, codec));
  }
}

const piecesMax = 1024;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decode(chunks: Uint8Array[], bytes: number, codec: Codec): ReadBody | Bye {
  const whole = joined(chunks, bytes);
  if (codec.binary) return { type: "body", body: whole, bytes };
  try {
    return { type: "body", body: utf8.decode(whole), bytes };
  } catch {
    return byeOf(CloseCode.malformed, "the body is not UTF-8");
  }
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
