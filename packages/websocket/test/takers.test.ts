import { describe, expect, test } from "vitest";
import { Takers } from "../src/takers.js";

const DONE = { done: true, value: undefined };

function item(value: string) {
  return { done: false, value };
}

describe("who waits for items", () => {
  test("gets them in the order of the questions, and nobody else does", async () => {
    const takers = new Takers<string>();
    expect(takers.give("nobody asked")).toBe(false);
    const [first, second] = [takers.wait(), takers.wait()];
    expect([takers.give("a"), takers.give("b"), takers.give("c")]).toEqual([true, true, false]);
    expect([await first, await second]).toEqual([item("a"), item("b")]);
  });

  test("is told the error once, and then the end", async () => {
    const takers = new Takers<string>();
    const [first, second] = [takers.wait(), takers.wait()];
    takers.end(new Error("broken"));
    await expect(first).rejects.toThrow("broken");
    expect([await second, await takers.wait()]).toEqual([DONE, DONE]);
  });

  test("is told an error that came before the question", async () => {
    const takers = new Takers<string>();
    takers.end(new Error("broken"));
    await expect(takers.wait()).rejects.toThrow("broken");
    expect(await takers.wait()).toEqual(DONE);
  });

  test("is let go when the loop is left, and hears of no error; one who comes back waits", async () => {
    const takers = new Takers<string>();
    const waiting = takers.wait();
    expect([await takers.leave(), await waiting]).toEqual([DONE, DONE]);
    const again = takers.wait();
    expect(takers.give("a")).toBe(true);
    expect(await again).toEqual(item("a"));
    takers.end(new Error("broken"));
    await takers.leave();
    expect(await takers.wait()).toEqual(DONE);
  });
});
