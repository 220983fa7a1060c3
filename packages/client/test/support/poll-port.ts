// The fake hub's side of polls.

import { type Codec, type Entry, frame, type LinkPort } from "@tidewire/session-protocol";

/** What is written fills the parked answer. */
export class PollPort implements LinkPort {
  readonly codec: Codec;
  readonly allowanceMs = 4_000;
  #answer: ((response: Response) => void) | undefined;
  #promise: Promise<Response> | undefined;
  #parts: (string | Uint8Array)[] = [];

  constructor(codec: Codec) {
    this.codec = codec;
  }

  get hasMore(): boolean {
    return this.#parts.length > 0;
  }

  park(): Promise<Response> {
    this.flush();
    this.#promise = new Promise((resolve) => {
      this.#answer = resolve;
    });
    return this.#promise;
  }

  write(entry: Entry, count: number): boolean {
    if (this.#answer === undefined && count > 0) return false;
    this.#parts.push(frame(entry.encoded(this.codec)));
    if (this.#answer !== undefined) queueMicrotask(() => this.flush());
    return this.#answer !== undefined && this.#parts.length < 32;
  }

  close(): void {
    this.flush();
  }

  flushIf(answer: Promise<Response>): void {
    if (answer === this.#promise) this.flush();
  }

  flush(): void {
    const answer = this.#answer;
    if (answer === undefined) return;
    this.#answer = undefined;
    const parts = this.#parts.splice(0);
    const body = new Blob(parts as BlobPart[]);
    answer(new Response(body, { headers: { "content-type": this.codec.contentType } }));
  }
}
