/**
 * Random choices that can be replayed: a property that fails tells its seed, and
 * `TIDEWIRE_SEED=<seed>` makes every property run with that seed alone.
 */
import { randomInt } from "node:crypto";

const { TIDEWIRE_SEED: GIVEN } = process.env;

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 32 bits. The generator is a Weyl sequence with a multiplicative finish. */
  word(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  }

  /** An integer from 0 to `count - 1`. */
  below(count: number): number {
    return this.word() % count;
  }

  chance(probability: number): boolean {
    return this.word() < probability * 0x100000000;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.word());
  }

  /** Text of `length` characters that take one to four bytes each. */
  text(length: number): string {
    const borders = [0x20, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff];
    const character = () => (this.chance(0.7) ? 0x20 + this.below(0x5f) : this.pick(borders));
    return String.fromCodePoint(...Array.from({ length }, character));
  }
}

/** Runs `property` with `runs` seeds, new ones each time, and names the seed that breaks it. */
export function forSeeds(runs: number, property: (random: Random, seed: number) => void): void {
  const seeds =
    GIVEN === undefined ? Array.from({ length: runs }, () => randomInt(2 ** 32)) : [Number(GIVEN)];
  for (const seed of seeds) {
    try {
      property(new Random(seed), seed);
    } catch (cause) {
      throw new Error(`${String(cause)}\nreplay with TIDEWIRE_SEED=${seed}`, { cause });
    }
  }
}
