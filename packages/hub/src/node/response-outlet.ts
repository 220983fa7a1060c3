// The bytes of an open response into Node's response: what is put in one turn leaves in one write.

import type { ServerResponse } from "node:http";
import type { Outlet } from "../transports/open-response.js";
import { OncePerTurn } from "./once-per-turn.js";

const flushes = new OncePerTurn<ResponseOutlet>((outlet) => outlet.flush());

export class ResponseOutlet implements Outlet {
  readonly #response: ServerResponse;
  readonly #taken: () => void;
  readonly #ended: () => void;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #isEnding = false;

  /**
   * @param taken called when the client has taken what waited.
   * @param ended called when nothing more will be written.
   */
  constructor(response: ServerResponse, taken: () => void, ended: () => void) {
    this.#response = response;
    this.#taken = taken;
    this.#ended = ended;
    response.on("drain", taken);
  }

  get waiting(): number {
    return this.#bytes + this.#response.writableLength;
  }

  put(chunk: Uint8Array): void {
    if (this.#bytes === 0) flushes.add(this);
    this.#chunks.push(chunk);
    this.#bytes += chunk.byteLength;
  }

  end(): void {
    this.#isEnding = true;
    // Otherwise with the flush that is due.
    if (this.#bytes === 0) this.#finish();
  }

  abandon(): void {
    this.#response.destroy();
    this.#ended();
  }

  /** Writes what was put since the last time. */
  flush(): void {
    const chunks = this.#chunks;
    const whole = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, this.#bytes);
    this.#chunks = [];
    this.#bytes = 0;
    if (this.#response.destroyed) return;
    // When it has no room, it says later that it has drained.
    const hasRoom = this.#response.write(whole);
    if (this.#isEnding) this.#finish();
    else if (hasRoom) this.#taken();
  }

  #finish(): void {
    this.#response.end();
    this.#ended();
  }
}
