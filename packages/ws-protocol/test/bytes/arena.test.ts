import { describe, expect, test } from "vitest";
import { Arena } from "../../src/bytes/arena.js";
import { createPlatform } from "../support/node-platform.js";

const LARGE = 100_000;

describe("the memory of a large frame", () => {
  const create = () => new Arena(createPlatform());

  test("serves the next one when everything has left", () => {
    const arena = create();
    const first = arena.takeLarge(LARGE);
    arena.recycle();
    expect(arena.takeLarge(LARGE - 10)).toBe(first);
  });

  test("is not given out again in the same turn, nor while anybody refers to it", () => {
    const arena = create();
    const first = arena.takeLarge(LARGE);
    expect(arena.takeLarge(LARGE)).not.toBe(first);

    const held = create();
    const second = held.takeLarge(LARGE);
    held.hold();
    held.recycle();
    expect(held.takeLarge(LARGE)).not.toBe(second);
  });

  test("is left to a socket that the kernel would not take all from", () => {
    const arena = create();
    const first = arena.takeLarge(LARGE);
    arena.pin();
    arena.recycle();
    const second = arena.takeLarge(LARGE);
    expect(second).not.toBe(first);
    arena.recycle();
    expect(arena.takeLarge(LARGE)).toBe(second);
  });

  test("is not wasted on a frame of less than half its size, nor kept when it is huge", () => {
    const arena = create();
    const first = arena.takeLarge(LARGE);
    arena.recycle();
    expect(arena.takeLarge(LARGE / 2 - 1).length).toBe(LARGE / 2 - 1);
    expect(first.length).toBe(LARGE);

    const huge = arena.takeLarge(256 * 1024 + 1);
    arena.recycle();
    expect(arena.takeLarge(256 * 1024)).not.toBe(huge);
  });
});
