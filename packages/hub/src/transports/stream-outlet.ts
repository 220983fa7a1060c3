// The bytes of an open response as a web stream. The stream's own queue is what waits.

import type { OpenResponse, Outlet } from "./open-response.js";

export class StreamOutlet implements Outlet {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #linkBytes: number;
  readonly #linger: (run: () => void) => () => void;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #stopLingering: (() => void) | undefined;

  /** @param linger calls back when a response that is over has been read for long enough. */
  constructor(
    response: Pick<OpenResponse, "taken" | "lost">,
    linkBytes: number,
    linger: (run: () => void) => () => void,
  ) {
    this.#linkBytes = linkBytes;
    this.#linger = linger;
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => response.taken(),
        cancel: () => {
          this.#stopLingering?.();
          response.lost();
        },
      },
      { highWaterMark: linkBytes, size: (chunk) => chunk.byteLength },
    );
  }

  get waiting(): number {
    return this.#linkBytes - (this.#controller.desiredSize ?? 0);
  }

  put(chunk: Uint8Array): void {
    this.#controller.enqueue(chunk);
  }

  end(): void {
    const isRead = this.waiting === 0;
    this.#controller.close();
    // A client that reads no more must not hold the response for ever.
    if (!isRead) this.#stopLingering = this.#linger(() => this.abandon());
  }

  abandon(): void {
    this.#stopLingering?.();
    try {
      this.#controller.error(new Error("the client did not read the end of the response"));
    } catch {
      // It was cancelled: there is nothing to fail.
    }
  }
}
