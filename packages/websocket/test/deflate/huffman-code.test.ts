import { describe, expect, it } from "vitest";
import {
  codes,
  FREQUENCY_MAX,
  frequencies,
  lengths,
  used,
} from "../../src/deflate/deflate-memory.js";
import { instantiateShortDeflate, setLengths } from "../../src/deflate/short-deflate.js";
import { createRandom } from "./session-kit.js";

const module = instantiateShortDeflate()!;
const { buffer } = module.memory;

/** The lengths of all codes, those of symbols without one left out. */
function build(given: readonly number[], bitsMax: number): number[] {
  frequencies.view(buffer).set(given);
  const count = module.buildCode(0, given.length, bitsMax);
  const symbols = [...used.view(buffer).subarray(0, count)];
  const all = lengths.view(buffer);
  return given.map((_, symbol) => (symbols.includes(symbol) ? all[symbol]! : 0));
}

/** Of a complete code exactly 1: no sequence of bits is left over, none has two meanings. */
function share(all: readonly number[]): number {
  return all.reduce((sum, bits) => sum + (bits === 0 ? 0 : 2 ** -bits), 0);
}

function cost(given: readonly number[], all: readonly number[]): number {
  return given.reduce((sum, frequency, symbol) => sum + frequency * all[symbol]!, 0);
}

/** The bits that Huffman's own procedure comes to: the sum of all inner nodes. */
function leastCost(frequencies: readonly number[]): number {
  const nodes = frequencies.filter((frequency) => frequency > 0);
  let cost = 0;
  while (nodes.length > 1) {
    nodes.sort((one, other) => one - other);
    const sum = nodes.shift()! + nodes.shift()!;
    cost += sum;
    nodes.push(sum);
  }
  return cost;
}

describe("RFC 1951 §3.2.2 a Huffman code", () => {
  it("is complete, and no code could be shorter", () => {
    const random = createRandom(1951);
    for (let round = 0; round < 300; round++) {
      const most = 2 ** Math.floor(random() * 12);
      const given = Array.from({ length: 3 + Math.floor(random() * 280) }, () =>
        random() < 0.4 ? 0 : 1 + Math.floor(random() * random() * most),
      );
      if (given.filter((frequency) => frequency > 0).length < 2) continue;
      const code = build(given, 15);
      expect(share(code), `round ${round}`).toBe(1);
      expect(cost(given, code)).toBe(leastCost(given));
    }
  });

  it("is as short where symbols are as frequent as they can be", () => {
    const given = [FREQUENCY_MAX, 1, FREQUENCY_MAX - 1, 2, 300, 256, 255];
    expect(cost(given, build(given, 15))).toBe(leastCost(given));
  });

  it("keeps to its greatest length, where the best code would not", () => {
    const fibonacci = [1, 1];
    while (fibonacci.length < 18) fibonacci.push(fibonacci.at(-1)! + fibonacci.at(-2)!);
    expect(fibonacci.at(-1)).toBeLessThanOrEqual(FREQUENCY_MAX);
    for (const bitsMax of [7, 11, 15]) {
      const code = build(fibonacci, bitsMax);
      expect(Math.max(...code)).toBe(bitsMax);
      expect(share(code)).toBe(1);
    }
  });

  it("has two codes at least", () => {
    expect(build([0, 0, 0], 15)).toEqual([1, 1, 0]);
    expect(build([0, 5, 0], 15)).toEqual([1, 1, 0]);
    expect(build([5, 0, 0], 15)).toEqual([1, 1, 0]);
    expect(build([0, 0, 5], 15)).toEqual([1, 0, 1]);
  });

  it("§3.2.2 gives the codes of the example, first bit lowest", () => {
    setLengths(module, 0, [3, 3, 3, 3, 3, 2, 4, 4]);
    const written = [...codes.view(buffer).subarray(0, 8)].map((each) =>
      [...(each >> 4).toString(2).padStart(each & 15, "0")].reverse().join(""),
    );
    expect(written).toEqual(["010", "011", "100", "101", "110", "00", "1110", "1111"]);
  });
});
