// A node's place in a kept log: hands out its messages in order, each once, and heals gaps from the log.
//
// The bus may lose a message, repeat one, or be gone for a while. Each carries its position, so a leap
// shows; what was leapt over is read from the log, and what arrives meanwhile waits.

import type { Page, Position } from "./position.js";

export interface FollowerOptions {
  /** Messages that may wait for a gap to be healed. */
  readonly aheadMax: number;
  read(since: Position): Promise<Page<string>>;
  deliver(message: string, position: Position): void;
  /** `healed`: so many were read; `gap`: some are gone for ever. */
  noticed(what: "healed" | "gap", messages: number): void;
  failed(error: unknown): void;
}

export class Follower {
  readonly #options: FollowerOptions;
  readonly #ahead = new Map<number, string>();
  #last: Position | undefined;
  #isHealing = false;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  get position(): Position | undefined {
    return this.#last;
  }

  receive(message: string, position: Position): void {
    const last = this.#last;
    if (last === undefined || last.epoch !== position.epoch) {
      // The first one, or another log: what the former one held last cannot be known.
      if (last !== undefined) this.#options.noticed("gap", 0);
      this.#ahead.clear();
      this.#deliver(message, position);
      return;
    }
    if (position.offset <= last.offset) return;
    if (position.offset === last.offset + 1 && !this.#isHealing) {
      this.#deliver(message, position);
      return;
    }
    // When too many wait, the rest is read from the log too.
    if (this.#ahead.size < this.#options.aheadMax) this.#ahead.set(position.offset, message);
    if (!this.#isHealing) void this.#heal(position.offset);
  }

  async #heal(until: number): Promise<void> {
    this.#isHealing = true;
    let failures = 0;
    let goal = until;
    while (this.#last !== undefined && this.#last.offset < goal) {
      const since = this.#last;
      try {
        const page = await this.#options.read(since);
        if (this.#last?.epoch !== since.epoch || page.position.epoch !== since.epoch) break;
        this.#take(page, since);
      } catch (error) {
        this.#options.failed(error);
        failures += 1;
        // The log does not answer: go on with what is here, and say that something is missing.
        if (failures >= 3) this.#leap();
      }
      this.#drain();
      for (const offset of this.#ahead.keys()) goal = Math.max(goal, offset);
    }
    this.#isHealing = false;
  }

  #take(page: Page<string>, since: Position): void {
    let healed = 0;
    for (const { offset, item } of page.items) {
      const last = this.#last!.offset;
      if (offset <= last) continue;
      if (offset > last + 1) this.#options.noticed("gap", offset - last - 1);
      this.#deliver(item, { epoch: since.epoch, offset });
      healed += 1;
    }
    if (healed > 0) this.#options.noticed("healed", healed);
    else this.#leap();
  }

  /** Nothing more can be read: to the next message that is here. */
  #leap(): void {
    const last = this.#last!;
    let next = Number.POSITIVE_INFINITY;
    for (const offset of this.#ahead.keys())
      if (offset > last.offset) next = Math.min(next, offset);
    const to = Number.isFinite(next) ? next - 1 : last.offset + 1;
    this.#options.noticed("gap", to - last.offset);
    this.#last = { epoch: last.epoch, offset: to };
  }

  #drain(): void {
    for (;;) {
      const last = this.#last!;
      const message = this.#ahead.get(last.offset + 1);
      if (message === undefined) break;
      this.#deliver(message, { epoch: last.epoch, offset: last.offset + 1 });
    }
    for (const offset of this.#ahead.keys()) {
      if (offset <= this.#last!.offset) this.#ahead.delete(offset);
    }
  }

  #deliver(message: string, position: Position): void {
    this.#last = position;
    this.#options.deliver(message, position);
  }
}
