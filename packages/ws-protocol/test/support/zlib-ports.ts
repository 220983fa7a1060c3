/**
 * DEFLATE for tests over Node's synchronous zlib calls, on the spot or later. History is carried
 * from call to call as a dictionary, so every call stands alone.
 */
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import {
  DEFLATE_TAIL,
  type Deflated,
  type DeflateSession,
  type MessageDeflater,
  type MessageInflater,
} from "../../src/deflate/deflate-port.js";
import { createFault } from "../../src/faults.js";
import { joined } from "./frames.js";

const WINDOW_BYTES_MAX = 32 * 1024;

/** Runs what was put off; undefined for ports that answer on the spot. */
export type Later = (work: () => void) => void;

export class ZlibDeflater implements MessageDeflater {
  resets = 0;
  closed = false;
  readonly #later: Later | undefined;
  readonly #takeover: boolean;
  #history: Uint8Array = new Uint8Array(0);

  constructor(later?: Later, takeover = true) {
    this.#later = later;
    this.#takeover = takeover;
  }

  deflate(data: Uint8Array, last: boolean, done: (result: Deflated) => void): Deflated | undefined {
    if (this.closed) throw new Error("deflate after close");
    if (this.#later === undefined) return this.#run(data, last);
    this.#later(() => {
      if (!this.closed) done(this.#run(data, last));
    });
    return undefined;
  }

  reset(): void {
    this.resets++;
    this.#history = new Uint8Array(0);
  }

  close(): void {
    this.closed = true;
  }

  #run(data: Uint8Array, last: boolean): Uint8Array {
    const out = deflateRawSync(data, {
      finishFlush: constants.Z_SYNC_FLUSH,
      ...(this.#history.length > 0 ? { dictionary: this.#history } : {}),
    });
    this.#history = joined(this.#history, data).slice(-WINDOW_BYTES_MAX);
    if (!last) return out;
    if (!this.#takeover) this.#history = new Uint8Array(0);
    return out.subarray(0, out.length - DEFLATE_TAIL.length);
  }
}

export class ZlibInflater implements MessageInflater {
  closed = false;
  readonly #later: Later | undefined;
  #history: Uint8Array = new Uint8Array(0);
  /** The message so far, compressed, and how much of it was handed out. */
  #message: Uint8Array = new Uint8Array(0);
  #given = 0;

  constructor(later?: Later) {
    this.#later = later;
  }

  inflate(
    data: Uint8Array,
    last: boolean,
    bytesMax: number,
    done: (result: Deflated) => void,
  ): Deflated | undefined {
    if (this.closed) throw new Error("inflate after close");
    if (this.#later === undefined) return this.#run(data, last, bytesMax);
    this.#later(() => {
      if (!this.closed) done(this.#run(data, last, bytesMax));
    });
    return undefined;
  }

  close(): void {
    this.closed = true;
  }

  #run(data: Uint8Array, last: boolean, bytesMax: number): Deflated {
    this.#message = joined(this.#message, data, last ? DEFLATE_TAIL : new Uint8Array(0));
    const budget = this.#given + bytesMax;
    let out: Uint8Array;
    try {
      out = this.#inflateBlocks(this.#message, budget);
    } catch (error) {
      const tooBig = (error as { code?: string }).code === "ERR_BUFFER_TOO_LARGE";
      return createFault(tooBig ? "inflated-too-big" : "deflate-invalid");
    }
    if (out.length > budget) return createFault("inflated-too-big");
    const part = out.slice(this.#given);
    this.#given = out.length;
    if (last) {
      this.#history = joined(this.#history, out).slice(-WINDOW_BYTES_MAX);
      this.#message = new Uint8Array(0);
      this.#given = 0;
    }
    return part;
  }

  /** RFC 7692 §7.2.3.4: a final block ends zlib's stream, not the message. */
  #inflateBlocks(message: Uint8Array, budget: number): Uint8Array {
    let out: Uint8Array = new Uint8Array(0);
    let rest = message;
    do {
      const dictionary = joined(this.#history, out).slice(-WINDOW_BYTES_MAX);
      const { buffer, engine } = inflateRawSync(rest, {
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: Math.max(1, Math.min(budget - out.length, 2 ** 30)),
        info: true,
        ...(dictionary.length > 0 ? { dictionary } : {}),
      }) as unknown as { buffer: Uint8Array; engine: { bytesWritten: number } };
      out = joined(out, buffer);
      if (engine.bytesWritten === 0) throw new Error("no progress");
      rest = rest.subarray(engine.bytesWritten);
    } while (rest.length > DEFLATE_TAIL.length);
    return out;
  }
}

export interface TestDeflate extends DeflateSession {
  readonly deflater: ZlibDeflater;
  readonly inflater: ZlibInflater;
}

export function createDeflate(
  options: {
    later?: Later | undefined;
    takeover?: boolean;
    thresholdBytes?: number;
    windowBits?: number;
  } = {},
): TestDeflate {
  return {
    deflater: new ZlibDeflater(options.later, options.takeover),
    inflater: new ZlibInflater(options.later),
    windowBits: options.windowBits ?? 15,
    thresholdBytes: options.thresholdBytes ?? 1,
  };
}

/** Puts work off until it is asked for. */
export class Pending {
  readonly #work: (() => void)[] = [];
  readonly later: Later = (work) => {
    this.#work.push(work);
  };

  get size(): number {
    return this.#work.length;
  }

  /** Runs what was put off, `count` of it or all, what it puts off itself included. */
  run(count: number = Number.POSITIVE_INFINITY): void {
    for (let n = 0; n < count && this.#work.length > 0; n++) this.#work.shift()!();
  }
}
