// Inflates the messages of one direction, as RFC 7692 §7.2.2 has it, to show them.
import { constants, inflateRawSync } from "node:zlib";
import { inflatedBytesMax } from "./limits.js";

/** §7.2.1: what the sender has cut off. */
const tail = Uint8Array.of(0x00, 0x00, 0xff, 0xff);
/** What a message may refer to of those before it. */
const windowBytes = 32_768;

export class Inflation {
  #window = Buffer.alloc(0);
  #isLost = false;

  /** Undefined when it cannot be inflated, nor what follows it. */
  inflate(payload: Uint8Array): Uint8Array | undefined {
    if (this.#isLost) return undefined;
    try {
      const bytes = inflateRawSync(Buffer.concat([payload, tail]), {
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: inflatedBytesMax,
        ...(this.#window.length > 0 && { dictionary: this.#window }),
      });
      this.#window = Buffer.concat([this.#window, bytes]).subarray(-windowBytes);
      return bytes;
    } catch {
      this.lose();
      return undefined;
    }
  }

  /** A message was not seen whole: those that follow may refer to it. */
  lose(): void {
    this.#isLost = true;
    this.#window = Buffer.alloc(0);
  }
}
