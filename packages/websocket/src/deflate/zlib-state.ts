/**
 * One state of zlib, deflating or inflating, that lives from message to message. It runs on the
 * spot where the runtime allows it (see spot-access.ts), or on the thread pool through a stream.
 */
import { constants, createDeflateRaw, createInflateRaw } from "node:zlib";
import { OUTPUT_CHUNK_BYTES } from "./deflate-limits.js";
import { SMALLEST_CHUNK_BYTES, type StreamInternals } from "./spot-access.js";

/** Two states of equal settings can stand in for each other. */
export interface ZlibSettings {
  readonly kind: "deflate" | "inflate";
  /** RFC 7692 §7.1.2: 9–15, for inflating 8–15. */
  readonly windowBits: number;
  readonly level: number;
  readonly memLevel: number;
}

/** How a run in the pool ended; `undefined` stands for well. */
export type PoolFailure = "corrupt" | "too-big" | undefined;

interface PoolRun {
  readonly outputBytesMax: number;
  readonly bytesWrittenBefore: number;
  readonly done: (failure: PoolFailure) => void;
}

/** Without access to a stream's buffer it has this size from the start. */
const STREAM_CHUNK_BYTES = 16_384;
/** A smaller piece of output is copied, so that it does not keep a whole chunk alive. */
const COPY_BYTES_MAX: number = OUTPUT_CHUNK_BYTES / 2;

export class ZlibState {
  readonly settings: ZlibSettings;
  /** Whether it may run on the spot; in the pool it always may. */
  readonly onTheSpot: boolean;

  /** After a run: bytes of input that zlib took. Less than given: a final block ended before. */
  consumed = 0;
  /** After a run on the spot: bytes of output. */
  produced = 0;
  readonly #stream: ReturnType<typeof createDeflateRaw> & StreamInternals;
  #run: PoolRun | undefined;
  #runBytes = 0;
  #pieces: Uint8Array[] = [];
  #cancelled = false;

  /** @throws {Error} when there is no memory for it. */
  constructor(settings: ZlibSettings, onTheSpot: boolean) {
    this.settings = settings;
    this.onTheSpot = onTheSpot;
    const create = settings.kind === "deflate" ? createDeflateRaw : createInflateRaw;
    this.#stream = create({
      windowBits: settings.windowBits,
      level: settings.level,
      memLevel: settings.memLevel,
      flush: constants.Z_SYNC_FLUSH,
      chunkSize: onTheSpot ? SMALLEST_CHUNK_BYTES : STREAM_CHUNK_BYTES,
    }) as ReturnType<typeof createDeflateRaw> & StreamInternals;
    this.#stream.on("error", () => this.#finish("corrupt"));
  }

  /** Whether it cannot be used any more: after corrupt input. */
  get broken(): boolean {
    return this.#stream.destroyed;
  }

  /**
   * Runs over `input[from..)` until it is used up, `room` bytes of `output` are filled, or a final
   * block has ended. Must not be called while a run in the pool goes on.
   *
   * @returns whether the input is well-formed so far; if not, the state is broken.
   */
  runOnTheSpot(
    flush: number,
    input: Uint8Array,
    from: number,
    output: Uint8Array,
    room: number,
  ): boolean {
    const length = input.length - from;
    const stream = this.#stream;
    stream._handle!.writeSync(flush, input, from, length, output, 0, room);
    if (stream.destroyed) return false;
    const left = stream._writeState;
    this.produced = room - left[0]!;
    this.consumed = length - left[1]!;
    return true;
  }

  /**
   * Runs over all of `input` in the thread pool, up to a flush; `takePieces` then has the output.
   * The input must not change meanwhile. `done` is never called before this has returned; after
   * `cancel` it still is, as soon as the pool has let go of the state.
   */
  runInPool(input: Uint8Array, outputBytesMax: number, done: (failure: PoolFailure) => void): void {
    const stream = this.#stream;
    if (stream.listenerCount("data") === 0) stream.on("data", (piece: Buffer) => this.#take(piece));
    this.#run = { outputBytesMax, bytesWrittenBefore: stream.bytesWritten, done };
    this.#runBytes = 0;
    this.#cancelled = false;
    this.#pieces = [];
    if (this.onTheSpot) this.#setBuffer(OUTPUT_CHUNK_BYTES);
    stream.write(input, (error) => this.#finish(error == null ? undefined : "corrupt"));
  }

  /** The output of the run in the pool that has ended; it belongs to the caller. */
  takePieces(): Uint8Array[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  /** Ends a run in the pool early. */
  cancel(): void {
    this.#cancelled = true;
  }

  /** Forgets the history. */
  reset(): void {
    this.#stream.reset();
  }

  close(): void {
    this.#stream.close();
  }

  #take(piece: Buffer): void {
    const run = this.#run;
    if (run === undefined) return;
    this.#runBytes += piece.length;
    const tooBig = this.#runBytes > run.outputBytesMax;
    if (tooBig || this.#cancelled) {
      this.#pieces = [];
      this.#stream.close();
      this.#finish(tooBig ? "too-big" : undefined);
      return;
    }
    this.#pieces.push(this.onTheSpot && piece.length > COPY_BYTES_MAX ? piece : Buffer.from(piece));
  }

  #finish(failure: PoolFailure): void {
    const run = this.#run;
    if (run === undefined) return;
    this.#run = undefined;
    if (this.onTheSpot) this.#setBuffer(0);
    this.consumed = this.#stream.bytesWritten - run.bytesWrittenBefore;
    run.done(failure);
  }

  /** What is on the way is never overwritten: each run gets memory of its own. */
  #setBuffer(bytes: number): void {
    const stream = this.#stream;
    stream._outBuffer = bytes === 0 ? NO_BUFFER : Buffer.allocUnsafeSlow(bytes);
    stream._outOffset = 0;
    stream._chunkSize = Math.max(bytes, SMALLEST_CHUNK_BYTES);
  }
}

const NO_BUFFER: Buffer = Buffer.alloc(0);

/** zlib's structures and Node's around them, which do not depend on the settings. */
const FIXED_BYTES: number = 16 * 1024;
/** zlib hashes into this many places at least where the processor helps it. */
const HASH_BITS_MIN = 15;

/** Bytes that a state takes, as zlib allocates them; rounded up. */
export function stateBytes(settings: ZlibSettings, onTheSpot: boolean): number {
  const { kind, windowBits, memLevel } = settings;
  const window = 2 ** windowBits;
  const fixed = onTheSpot ? FIXED_BYTES : FIXED_BYTES + STREAM_CHUNK_BYTES;
  if (kind === "inflate") return window + fixed;
  // The window twice over, a chain per place of it, the hash table, and pending symbols.
  const hash = 2 ** Math.max(HASH_BITS_MIN, memLevel + 7);
  return window * 4 + hash * 2 + 2 ** (memLevel + 6) * 5 + fixed;
}
