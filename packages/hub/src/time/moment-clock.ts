// The hub's clock. What one message causes at once happens at one moment: its session, its inbox, the
// wheel and each answer ask for the time, and to read it costs as much as any of them.

export class MomentClock {
  readonly #read: () => number;
  #held: number | undefined;

  constructor(read: () => number) {
    this.#read = read;
  }

  now(): number {
    return this.#held ?? this.#read();
  }

  /**
   * Stops the clock until `release`, which must follow in the same synchronous work; false when it
   * stands already, and is somebody else's to release.
   */
  hold(): boolean {
    if (this.#held !== undefined) return false;
    this.#held = this.#read();
    return true;
  }

  release(): void {
    this.#held = undefined;
  }
}
