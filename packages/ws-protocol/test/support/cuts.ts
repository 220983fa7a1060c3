/** Feeds one input to a decoder in every way that a network could cut it. */
import { expect } from "vitest";
import { forSeeds } from "./random.js";

/** Beyond this an input is not fed byte by byte, only at random cuts. */
const BYTE_BY_BYTE_MAX = 20_000;

/**
 * Runs `decode` on the input as a whole, byte by byte and at random cuts, each time on a copy, and
 * returns the result, which has to be the same every time.
 */
export function decodeEveryWay<T>(input: Uint8Array, decode: (chunks: Uint8Array[]) => T): T {
  const whole = decode([input.slice()]);
  if (input.length <= BYTE_BY_BYTE_MAX) {
    expect(decode(cutAt(input, [...input.keys()])), "byte by byte").toEqual(whole);
  }
  forSeeds(3, (random) => {
    const count = Math.min(1 + random.below(8), input.length);
    const cuts = Array.from({ length: count }, () => random.below(input.length + 1));
    expect(decode(cutAt(input, cuts)), `cut at ${cuts}`).toEqual(whole);
  });
  return whole;
}

/** Copies of the parts of `input` between `cuts`, the empty ones left out. */
export function cutAt(input: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const borders = [0, ...[...cuts].sort((a, b) => a - b), input.length];
  return borders
    .slice(1)
    .map((border, index) => input.slice(borders[index], border))
    .filter((part) => part.length > 0);
}
