/**
 * A zlib state that inflates, and the history behind it. Parts of messages go through it on the
 * spot, in the pool, or begin there and go on here.
 */
import { constants } from "node:zlib";
import { createFault, DEFLATE_TAIL, type Deflated, type Fault } from "@tidewire/ws-protocol";
import type { DeflateBudget } from "./deflate-budget.js";
import { FINAL_BLOCKS_MAX, SPOT_EXPANSION_MAX } from "./deflate-limits.js";
import { History } from "./history.js";
import { TAIL_PROBE } from "./spot-access.js";
import { joinPieces, spotOutput, takeSpotOutput, viewSpotOutput } from "./spot-output.js";
import type { PoolFailure, ZlibState } from "./zlib-state.js";

const { Z_BLOCK, Z_SYNC_FLUSH } = constants;

/** A part of a message on its way. */
export class InflatePart {
  readonly data: Uint8Array;
  readonly last: boolean;
  readonly bytesMax: number;
  readonly done: (result: Deflated) => void;
  /** Bytes of `data` that zlib has taken. */
  from = 0;
  /** Bytes that came out. */
  bytes = 0;
  pieces: Uint8Array[] = [];

  constructor(data: Uint8Array, last: boolean, bytesMax: number, done: (result: Deflated) => void) {
    this.data = data;
    this.last = last;
    this.bytesMax = bytesMax;
    this.done = done;
  }
}

export class InflateWindow {
  /** Undefined while nothing is inflated and the memory is of use elsewhere. */
  state: ZlibState | undefined;
  /** Kept with context takeover, and while a message comes in several parts. */
  history: History | undefined;

  readonly #budget: DeflateBudget;
  readonly #syncBytesMax: number;
  /** The state is new, and does not know the history yet. */
  #unprimed = false;
  #finalBlocks = 0;
  #cancelled = false;

  constructor(budget: DeflateBudget, syncBytesMax: number) {
    this.#budget = budget;
    this.#syncBytesMax = syncBytesMax;
  }

  /** Takes a state without history in the place of none. */
  open(state: ZlibState): void {
    this.state = state;
    this.#unprimed = this.history !== undefined && this.history.length > 0;
  }

  beginMessage(): void {
    this.#finalBlocks = 0;
  }

  /** Stops what runs in the pool as soon as it can be. */
  cancel(): void {
    this.#cancelled = true;
    this.state?.cancel();
  }

  /** @returns the result, or `undefined` when the rest is long enough for the pool. */
  runOnTheSpot(part: InflatePart): Deflated | undefined {
    if (!this.#budget.onTheSpot) return undefined;
    if (part.data.length - part.from > this.#syncBytesMax) return undefined;
    const spotBytesMax = this.#syncBytesMax * SPOT_EXPANSION_MAX;
    const fault = this.#primeOnTheSpot();
    if (fault !== undefined) return fault;
    while (part.bytes <= spotBytesMax) {
      const result = this.#step(part);
      if (result !== undefined) return result;
    }
    return undefined;
  }

  /** Goes on where the run on the spot stopped; `end` is called later. */
  runInPool(part: InflatePart, end: (result: Deflated) => void): void {
    if (this.#budget.onTheSpot) {
      const fault = this.#primeOnTheSpot();
      if (fault !== undefined) queueMicrotask(() => end(fault));
      else this.#inflateInPool(part, end);
    } else if (this.#unprimed) this.#primeInPool(part, end);
    else this.#inflateInPool(part, end);
  }

  /** One call of zlib; `undefined` when there is more to do. */
  #step(part: InflatePart): Deflated | undefined {
    const state = this.state!;
    // One byte more than may come shows that too much would.
    const room = Math.min(spotOutput.length, part.bytesMax - part.bytes + 1);
    if (!state.runOnTheSpot(Z_SYNC_FLUSH, part.data, part.from, spotOutput, room)) return corrupt();
    const { produced } = state;
    part.from += state.consumed;
    if (part.bytes + produced > part.bytesMax) return tooBig(part);
    if (produced > 0) {
      const isWhole = part.bytes === 0 && produced < room && part.from === part.data.length;
      this.#add(part, isWhole ? viewSpotOutput(produced) : takeSpotOutput(produced));
    }
    if (produced === room) return undefined;
    if (part.from < part.data.length) return this.#startAnew(part);
    return part.last ? this.#end(part) : joinPieces(part.pieces);
  }

  /** Where zlib runs again, the output that was to be used up at once is needed longer. */
  #own(part: InflatePart): void {
    part.pieces = [Buffer.concat(part.pieces)];
  }

  /** RFC 7692 §7.2.2: completed by its tail, a message ends where a block does. */
  #end(part: InflatePart): Deflated {
    const state = this.state!;
    if (!state.runOnTheSpot(Z_BLOCK, TAIL_PROBE, 0, spotOutput, spotOutput.length)) {
      return corrupt();
    }
    // A final block at the very end leaves nothing to complete: laxer than the RFC, but clear.
    if (state.consumed === 0) {
      this.#own(part);
      return this.#startAnew(part) ?? joinPieces(part.pieces);
    }
    if (state.produced > 0 || state.consumed !== DEFLATE_TAIL.length) return truncated();
    return joinPieces(part.pieces);
  }

  #inflateInPool(part: InflatePart, end: (result: Deflated) => void): void {
    const { data, from } = part;
    const state = this.state!;
    // On the spot a final block may have ended with the input; in the pool nothing is left to do.
    const input = from === 0 ? data : data.subarray(from);
    state.runInPool(input, part.bytesMax - part.bytes, (failure) => {
      if (this.#failed(failure, part, end)) return;
      part.from += state.consumed;
      for (const piece of state.takePieces()) this.#add(part, piece);
      if (part.from < data.length) {
        const fault = this.#replace(part);
        if (fault === undefined) this.runInPool(part, end);
        else end(fault);
      } else if (!part.last) end(joinPieces(part.pieces));
      else if (this.#budget.onTheSpot) end(this.#end(part));
      else this.#endInPool(part, end);
    });
  }

  /** As `#end`; documented functions cannot tell whether a block has ended, only that data came. */
  #endInPool(part: InflatePart, end: (result: Deflated) => void): void {
    const state = this.state!;
    state.runInPool(DEFLATE_TAIL, 0, (failure) => {
      if (failure === "too-big") end(truncated());
      else if (!this.#failed(failure, part, end)) {
        const fault = state.consumed === 0 ? this.#replace(part) : undefined;
        end(fault ?? joinPieces(part.pieces));
      }
    });
  }

  #failed(failure: PoolFailure, part: InflatePart, end: (result: Deflated) => void): boolean {
    if (this.#cancelled) end(unavailable("cancelled"));
    else if (failure === "too-big") end(tooBig(part));
    else if (failure === "corrupt") end(corrupt());
    else return false;
    return true;
  }

  #add(part: InflatePart, piece: Uint8Array): void {
    part.bytes += piece.length;
    part.pieces.push(piece);
    this.history?.append(piece);
  }

  /** RFC 7692 §7.2.3.4: behind a final block others may follow, which may refer back over it. */
  #startAnew(part: InflatePart): Fault | undefined {
    this.state!.reset();
    return this.#forgetWindow(part) ?? this.#primeOnTheSpot();
  }

  /** As `#startAnew`: a stream that has met its end cannot be reset. */
  #replace(part: InflatePart): Fault | undefined {
    this.state = this.#budget.replace(this.state!);
    if (this.state === undefined) return unavailable("zlib has no memory");
    return this.#forgetWindow(part);
  }

  #forgetWindow(part: InflatePart): Fault | undefined {
    if (++this.#finalBlocks > FINAL_BLOCKS_MAX) {
      return createFault("deflate-invalid", `over ${FINAL_BLOCKS_MAX} final blocks in a message`);
    }
    if (this.history === undefined) {
      // From the second final block on, it is kept up to date with the rest of the message.
      const history = new History(this.state!.settings.windowBits);
      for (const piece of part.pieces) history.append(piece);
      this.history = history;
    }
    this.#unprimed = this.history.length > 0;
    return undefined;
  }

  #primeOnTheSpot(): Fault | undefined {
    if (!this.#unprimed) return undefined;
    this.#unprimed = false;
    const block = this.history!.toStoredBlock();
    const state = this.state!;
    const primed =
      state.runOnTheSpot(Z_SYNC_FLUSH, block, 0, spotOutput, spotOutput.length) &&
      state.consumed === block.length;
    return primed ? undefined : unavailable("zlib did not restore its window");
  }

  #primeInPool(part: InflatePart, end: (result: Deflated) => void): void {
    this.#unprimed = false;
    const state = this.state!;
    state.runInPool(this.history!.toStoredBlock(), Number.POSITIVE_INFINITY, (failure) => {
      if (this.#failed(failure, part, end)) return;
      state.takePieces();
      this.#inflateInPool(part, end);
    });
  }
}

function corrupt(): Fault {
  return createFault("deflate-invalid");
}

function truncated(): Fault {
  return createFault("deflate-invalid", "a compressed message that ends inside of a block");
}

function tooBig({ bytesMax }: InflatePart): Fault {
  const detail = `a message that inflates to more than the ${bytesMax} bytes left of the limit`;
  return createFault("inflated-too-big", detail);
}

export function unavailable(detail: string): Fault {
  return createFault("deflate-unavailable", detail);
}
