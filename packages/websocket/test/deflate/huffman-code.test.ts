import { describe, expect, it } from "vitest";
import { HuffmanCode } from "../../src/deflate/huffman-code.js";
import { createRandom } from "./session-kit.js";

function build(frequencies: readonly number[], bitsMax: number): HuffmanCode {
  const code = new HuffmanCode(new Int32Array(frequencies.length), bitsMax);
  code.build(Int32Array.from(frequencies));
  return code;
}

function usedLengths({ used, count, lengths }: HuffmanCode): number[] {
  return [...used.subarray(0, count)].map((symbol) => lengths[symbol]!);
}

/** Of a complete code exactly 1: no sequence of bits is left over, none has two meanings. */
function share(code: HuffmanCode): number {
  return usedLengths(code).reduce((sum, bits) => sum + 2 ** -bits, 0);
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
      const frequencies = Array.from({ length: 3 + Math.floor(random() * 280) }, () =>
        random() < 0.4 ? 0 : 1 + Math.floor(random() * random() * most),
      );
      if (frequencies.filter((frequency) => frequency > 0).length < 2) continue;
      const code = build(frequencies, 15);
      expect(share(code), `round ${round}`).toBe(1);
      expect(code.cost(Int32Array.from(frequencies), code)).toBe(leastCost(frequencies));
    }
  });

  it("keeps to its greatest length, where the best code would not", () => {
    const fibonacci = [1, 1];
    while (fibonacci.length < 22) fibonacci.push(fibonacci.at(-1)! + fibonacci.at(-2)!);
    for (const bitsMax of [7, 11, 15]) {
      const code = build(fibonacci, bitsMax);
      expect(Math.max(...usedLengths(code))).toBe(bitsMax);
      expect(share(code)).toBe(1);
    }
  });

  it("has two codes at least", () => {
    expect(usedLengths(build([0, 0, 0], 15))).toEqual([1, 1]);
    expect([...build([0, 5, 0], 15).lengths]).toEqual([1, 1, 0]);
    expect([...build([5, 0, 0], 15).lengths]).toEqual([1, 1, 0]);
    expect([...build([0, 0, 5], 15).lengths]).toEqual([1, 0, 1]);
  });

  it("§3.2.2 gives the codes of the example, first bit lowest", () => {
    const code = new HuffmanCode(new Int32Array(8), 15);
    code.setLengths([3, 3, 3, 3, 3, 2, 4, 4]);
    const written = [...code.codes].map((each) =>
      [...(each >> 4).toString(2).padStart(each & 15, "0")].reverse().join(""),
    );
    expect(written).toEqual(["010", "011", "100", "101", "110", "00", "1110", "1111"]);
  });
});
