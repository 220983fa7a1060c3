import { afterEach, describe, expect, it, vi } from "vitest";
import { Assembly } from "../../src/wasm/assembly.js";
import {
  add,
  assign,
  assigned,
  type Code,
  call,
  type DeclareLocal,
  giveBack,
  increase,
  isLess,
  loopWhile,
  maximum,
  minimum,
  multiply,
  narrow,
  repeat,
  run,
  shiftLeft64,
  shiftRight64,
  subtract,
  Type,
  when,
  widen,
} from "../../src/wasm/instructions.js";
import { MemoryArray } from "../../src/wasm/memory-array.js";

/** A module of one function. */
function assemble(
  parameterCount: number,
  write: (local: DeclareLocal) => Code,
): (...given: number[]) => number {
  const assembly = new Assembly(65_536);
  assembly.export(assembly.define("only", parameterCount, write));
  return assembly.instantiate<{ only(...given: number[]): number }>()!.only;
}

describe("a function assembled for WebAssembly", () => {
  it("takes constants of any size", () => {
    const constants = [0, 1, -1, 63, 64, -64, -65, 8191, 8192, 2 ** 31 - 1, -(2 ** 31)];
    for (const constant of constants) {
      expect(assemble(0, () => [giveBack(constant)])()).toBe(constant);
    }
    expect(assemble(0, () => [giveBack(0x9e3779b1)])()).toBe(0x9e3779b1 | 0);
  });

  it("computes in the order that its expressions say", () => {
    const compute = assemble(2, (local) => {
      const one = local();
      const other = local();
      return [giveBack(subtract(multiply(add(one, other), 10), minimum(one, maximum(other, 3))))];
    });
    expect(compute(7, 2)).toBe(87);
    expect(compute(1, 9)).toBe(99);
  });

  it("has loops that are left at once, and others that run at least once", () => {
    const count = assemble(2, (local) => {
      const end = local();
      const once = local();
      const turns = local();
      const body = [increase(turns, 1)];
      return [
        when(once, [repeat(body, isLess(turns, end))], [loopWhile(isLess(turns, end), body)]),
        giveBack(turns),
      ];
    });
    expect([count(0, 0), count(5, 0), count(0, 1), count(5, 1)]).toEqual([0, 5, 1, 5]);
  });

  it("has 64 bits where they are asked for", () => {
    const highBits = assemble(1, (local) => {
      const given = local();
      const wide = local(Type.i64);
      return [
        assign(wide, shiftLeft64(widen(given), widen(40))),
        giveBack(narrow(shiftRight64(wide, widen(36)))),
      ];
    });
    expect(highBits(0xabcdef)).toBe(0xabcdef0);
  });

  it("calls others of its module", () => {
    const assembly = new Assembly(1);
    const square = assembly.define("square", 1, (local) => {
      const given = local();
      return [giveBack(multiply(given, given))];
    });
    const sum = assembly.define("sum", 1, (local) => {
      const given = local();
      const kept = local();
      return [
        run(square, 5),
        giveBack(add(assigned(kept, call(square, given)), call(square, kept))),
      ];
    });
    assembly.export(sum);
    expect(assembly.instantiate<{ sum(given: number): number }>()!.sum(3)).toBe(9 + 81);
  });
});

describe("an array in the memory", () => {
  it.each([8, 16, 32] as const)("of %i bits: elements without sign, others untouched", (bits) => {
    const array = new MemoryArray(64, bits, 10);
    const assembly = new Assembly(array.end);
    const write = assembly.define("write", 2, (local) => {
      const index = local();
      const element = local();
      return [
        array.set(index, element),
        array.increase(add(index, 1), 3),
        giveBack(array.get(index, 1)),
      ];
    });
    assembly.export(write);
    assembly.export(assembly.define("clear", 1, (local) => [array.clear(local()), giveBack(0)]));
    const module = assembly.instantiate<{
      write(index: number, element: number): number;
      clear(count: number): number;
    }>()!;
    const view = array.view(module.memory.buffer).fill(7);
    expect(module.write(4, -1)).toBe(10);
    expect([...view]).toEqual([7, 7, 7, 7, 2 ** bits - 1, 10, 7, 7, 7, 7]);
    module.clear(5);
    expect([...view]).toEqual([0, 0, 0, 0, 0, 10, 7, 7, 7, 7]);
    const memory = new Uint8Array(module.memory.buffer);
    expect(memory.subarray(0, 64).every((byte) => byte === 0)).toBe(true);
    expect(memory.subarray(array.end).every((byte) => byte === 0)).toBe(true);
  });
});

describe("where WebAssembly cannot be used", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("there is no module", () => {
    vi.stubGlobal("WebAssembly", undefined);
    expect(new Assembly(1).instantiate()).toBeUndefined();
  });
});
