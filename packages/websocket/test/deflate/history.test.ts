import { inflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { History } from "../../src/deflate/history.js";
import { createNoise, createRandom } from "./session-kit.js";

function read(history: History): Buffer {
  const block = history.toStoredBlock();
  block[0] = 1; // final, so that zlib takes it alone
  return inflateRawSync(block);
}

describe("History", () => {
  it.each([8, 9, 15])("§7.1.2 keeps exactly the last 2^%i bytes, however they come", (bits) => {
    const size = 2 ** bits;
    const random = createRandom(bits);
    const history = new History(bits);
    let all = Buffer.alloc(0);
    for (let turn = 0; turn < 300; turn++) {
      const large = turn % 50 === 49 ? size * 2 : size / 3;
      const added = createNoise(Math.floor(random() * Math.min(large, 3000)), random);
      history.append(added);
      all = Buffer.concat([all, added]).subarray(-size);
      expect(history.length).toBe(all.length);
      expect(read(history).equals(all), `turn ${turn}`).toBe(true);
    }
    history.append(createNoise(size, random));
    history.append(new Uint8Array(0));
    expect(history.length).toBe(size);
    const whole = createNoise(size + 5, random);
    history.append(whole);
    expect(read(history).equals(whole.subarray(5))).toBe(true);
  });

  it("is empty at first", () => {
    const history = new History(15);
    history.append(new Uint8Array(0));
    expect(history.length).toBe(0);
    expect(read(history)).toHaveLength(0);
  });
});
