// One file on its way, in either direction, as something that can be shown and steered. How the bytes
// get there is the business of `begin`: see send-file.ts and fetch-file.ts. A lost connection is no
// state of it: the session goes on where it was.
//
//   waiting ⇄ paused      waiting: for its turn; one that pauses lets another go first
//      ↓    ↗    ↘
//   moving → done | failed | cancelled
import { type ReadonlySignal, signal } from "@preact/signals";
import { explainTransfer } from "./explain.js";
import { Gauge } from "./gauge.js";
import type { Lane } from "./lane.js";

/** What `begin` has begun. */
export interface Attempt<Result> {
  readonly result: Promise<Result>;
  pause(): void;
  resume(): void;
  cancel(): void;
}

export type TransferState<Result> =
  | { readonly type: "waiting" | "moving" | "paused" | "cancelled" }
  | { readonly type: "done"; readonly result: Result }
  | { readonly type: "failed"; readonly reason: string; readonly canRetry: boolean };

/** A transfer of whatever, to look at. */
export type ShownTransfer = Pick<FileTransfer<unknown>, "gauge" | "state" | "isOpen">;

interface FileTransferOptions<Result> {
  /** Bytes in all. */
  readonly size: number;
  readonly lane: Lane;
  /** @param tell is to be called with the bytes that have arrived */
  readonly begin: (tell: (bytes: number) => void) => Attempt<Result>;
  /** Called when it is done, has failed or is cancelled. */
  readonly onEnd?: (state: TransferState<Result>) => void;
}

export class FileTransfer<Result> {
  readonly gauge: Gauge;
  readonly #options: FileTransferOptions<Result>;
  readonly #state = signal<TransferState<Result>>({ type: "waiting" });
  #attempt: Attempt<Result> | undefined;
  #leave: () => void = () => {};

  /** Begins when it is its turn. */
  constructor(options: FileTransferOptions<Result>) {
    this.#options = options;
    this.gauge = new Gauge(options.size);
    this.#enter();
  }

  get state(): ReadonlySignal<TransferState<Result>> {
    return this.#state;
  }

  /** Whether there is more to come. */
  get isOpen(): boolean {
    const { type } = this.#state.value;
    return type === "waiting" || type === "moving" || type === "paused";
  }

  pause(): void {
    if (!this.isOpen) return;
    this.#leave();
    this.#attempt?.pause();
    this.#become({ type: "paused" });
  }

  resume(): void {
    if (this.#state.value.type === "paused") this.#enter();
  }

  cancel(): void {
    if (!this.isOpen) return;
    this.#end({ type: "cancelled" });
    this.#attempt?.cancel();
  }

  #enter(): void {
    this.#become({ type: "waiting" });
    this.#leave = this.#options.lane.enter(() => this.#move());
  }

  #move(): void {
    this.#become({ type: "moving" });
    this.gauge.run();
    if (this.#attempt !== undefined) this.#attempt.resume();
    else this.#begin();
  }

  async #begin(): Promise<void> {
    try {
      this.#attempt = this.#options.begin((bytes) => this.gauge.set(bytes));
      const result = await this.#attempt.result;
      if (!this.isOpen) return;
      this.gauge.set(this.gauge.size);
      this.#end({ type: "done", result });
    } catch (error) {
      if (this.isOpen) this.#end({ type: "failed", ...explainTransfer(error) });
    }
  }

  #end(state: TransferState<Result>): void {
    this.#leave();
    this.#become(state);
    this.#options.onEnd?.(state);
  }

  #become(state: TransferState<Result>): void {
    if (state.type !== "moving") this.gauge.rest();
    this.#state.value = state;
  }
}
