/**
 * Compresses what one connection sends (RFC 7692 §7.2.1). Without context takeover short messages need
 * no zlib (see short-deflate.ts), and for others a state is borrowed; with it the connection keeps one, until others need the memory: a
 * sender may forget its history at any time, and the receiver need not know.
 */
import { constants } from "node:zlib";
import {
  createFault,
  type Deflated,
  type MessageDeflater,
  SEND_PLAIN,
} from "@tidewire/ws-protocol";
import type { DeflateBudget } from "./deflate-budget.js";
import { NARROW_MESSAGE_BYTES_MAX, NARROW_WINDOW_BITS } from "./deflate-limits.js";
import type { Reclaimable } from "./memory-ceiling.js";
import { deflateShort } from "./short-deflate.js";
import { joinPieces, spotOutput, takeSpotOutput, viewSpotOutput } from "./spot-output.js";
import type { ZlibSettings, ZlibState } from "./zlib-state.js";

export interface ZlibDeflaterOptions {
  readonly settings: ZlibSettings;
  readonly contextTakeover: boolean;
  readonly syncBytesMax: number;
}

/** RFC 7692 §7.2.1: what zlib ends a flush with. */
const TAIL_BYTES = 4;

export class ZlibDeflater implements MessageDeflater, Reclaimable {
  readonly #options: ZlibDeflaterOptions;
  readonly #budget: DeflateBudget;
  /** What the next state is made with: a window that is kept begins narrow. */
  #settings: ZlibSettings;
  #state: ZlibState | undefined;
  /** Parts of a message have been compressed, and its last has not. */
  #midMessage = false;
  #closed = false;
  /** The job that waits for the pool, or runs in it. */
  #job: (() => void) | undefined;

  constructor(options: ZlibDeflaterOptions, budget: DeflateBudget) {
    const { settings, contextTakeover } = options;
    this.#options = options;
    this.#budget = budget;
    this.#settings =
      contextTakeover && settings.windowBits > NARROW_WINDOW_BITS
        ? { ...settings, windowBits: NARROW_WINDOW_BITS }
        : settings;
  }

  deflate(
    data: Uint8Array,
    last: boolean,
    done: (result: Deflated) => void,
  ): Deflated | typeof SEND_PLAIN | undefined {
    if (this.#closed) return SEND_PLAIN;
    const first = !this.#midMessage;
    if (first && data.length > NARROW_MESSAGE_BYTES_MAX) this.#widen();
    const { contextTakeover, syncBytesMax, settings } = this.#options;
    const alone = first && last && !contextTakeover;
    if (alone && data.length <= syncBytesMax) {
      const bytes = deflateShort(data, settings.windowBits);
      if (bytes !== undefined) return shrinks(bytes, data) ? bytes : SEND_PLAIN;
    }
    const state = this.#prepare();
    if (state === undefined) return SEND_PLAIN;
    if (!this.#budget.onTheSpot || data.length > syncBytesMax) {
      this.#deflateInPool(state, data, last, done);
      return undefined;
    }
    const bytes = deflateOnTheSpot(state, data, last);
    this.#endPart(last);
    if (bytes === undefined) return createFault("deflate-unavailable", "zlib failed to compress");
    // With a history the peer would have to know of it.
    return alone && !shrinks(bytes, data) ? SEND_PLAIN : bytes;
  }

  reset(): void {
    if (this.#job === undefined && !this.#midMessage) this.#state?.reset();
  }

  close(): void {
    this.#closed = true;
    const job = this.#job;
    if (job !== undefined && !this.#budget.jobs.withdraw(job)) {
      this.#state?.cancel(); // The pool works on it: freed when it has let go.
      return;
    }
    this.#job = undefined;
    this.#release();
  }

  reclaim(): void {
    const state = this.#state;
    this.#state = undefined;
    if (state !== undefined) this.#budget.discard(state);
  }

  /** Takes all of the window that was agreed, for good; the history is forgotten once. */
  #widen(): void {
    const { settings } = this.#options;
    if (this.#settings === settings) return;
    this.#settings = settings;
    this.#release();
  }

  #prepare(): ZlibState | undefined {
    const kept = this.#state;
    if (kept === undefined) this.#state = this.#budget.acquire(this.#settings);
    else if (this.#options.contextTakeover) this.#budget.memory.rouse(this);
    return this.#state;
  }

  #deflateInPool(
    state: ZlibState,
    data: Uint8Array,
    last: boolean,
    done: (result: Deflated) => void,
  ): void {
    this.#midMessage = true;
    const job = (): void => {
      state.runInPool(data, Number.POSITIVE_INFINITY, (failure) => {
        this.#budget.jobs.leave();
        this.#job = undefined;
        this.#endPart(last);
        if (this.#closed) return;
        if (failure === undefined) done(finishPart(joinPieces(state.takePieces()), last));
        else done(createFault("deflate-unavailable", "zlib failed to compress"));
      });
    };
    this.#job = job;
    this.#budget.jobs.enter(job);
  }

  #endPart(last: boolean): void {
    this.#midMessage = !last;
    if (this.#closed || this.#state?.broken === true) this.#release();
    else if (!last) return;
    else if (this.#options.contextTakeover) this.#budget.memory.rest(this);
    else this.#release();
  }

  #release(): void {
    const state = this.#state;
    this.#state = undefined;
    this.#midMessage = false;
    if (this.#options.contextTakeover) this.#budget.memory.rouse(this);
    if (state !== undefined) this.#budget.release(state);
  }
}

/**
 * Compresses a part; `undefined` when zlib failed, for which there is no known cause. The result is
 * valid until zlib runs on the spot again.
 */
export function deflateOnTheSpot(
  state: ZlibState,
  data: Uint8Array,
  last: boolean,
): Uint8Array | undefined {
  const room = spotOutput.length;
  let pieces: Uint8Array[] | undefined;
  let from = 0;
  for (;;) {
    if (!state.runOnTheSpot(constants.Z_SYNC_FLUSH, data, from, spotOutput, room)) return undefined;
    const { produced } = state;
    if (produced < room) {
      if (pieces === undefined) return finishSpotPart(produced, last);
      pieces.push(takeSpotOutput(produced));
      return finishPart(joinPieces(pieces), last);
    }
    from += state.consumed;
    pieces ??= [];
    pieces.push(takeSpotOutput(produced));
  }
}

/** Otherwise a message is better sent as it is; an empty one is only to be seen as compressed. */
function shrinks(compressed: Uint8Array, data: Uint8Array): boolean {
  return compressed.length < data.length || data.length === 0;
}

function finishSpotPart(produced: number, last: boolean): Uint8Array {
  if (!last) return viewSpotOutput(produced);
  return produced < TAIL_BYTES ? Uint8Array.of(0) : viewSpotOutput(produced - TAIL_BYTES);
}

function finishPart(bytes: Uint8Array, last: boolean): Uint8Array {
  if (!last) return bytes;
  // RFC 7692 §7.2.3.6: zlib has nothing to flush twice, and an empty part is one empty block.
  if (bytes.length < TAIL_BYTES) return Uint8Array.of(0);
  return bytes.subarray(0, bytes.length - TAIL_BYTES);
}
