import { describe, expect, test } from "vitest";
import { type Listed, NOT_LISTED, SocketList } from "../../src/server/socket-list.js";

interface Named extends Listed {
  readonly name: number;
}

function create(count: number): { list: SocketList<Named>; all: Named[] } {
  const list = new SocketList<Named>();
  const all = Array.from({ length: count }, (_, name) => ({
    name,
    listPlace: NOT_LISTED,
    listNumber: 0,
  }));
  for (const one of all) list.add(one);
  return { list, all };
}

function names(list: Iterable<Named>): number[] {
  return [...list].map(({ name }) => name);
}

describe("SocketList", () => {
  test("has what was added, in that order, until it is deleted", () => {
    const { list, all } = create(4);
    list.delete(all[1]!);
    expect(names(list)).toEqual([0, 2, 3]);
    expect(list.size).toBe(3);
    expect(all.map((one) => list.has(one))).toEqual([true, false, true, true]);
  });

  test("deleting what is not there, or is in another list, does nothing", () => {
    const { list, all } = create(2);
    const other = create(2);
    list.delete(all[0]!);
    list.delete(all[0]!);
    list.delete(other.all[1]!);
    expect(names(list)).toEqual([1]);
    expect(list.size).toBe(1);
    expect(names(other.list)).toEqual([0, 1]);
  });

  test("shows each once, and what is added meanwhile, while others go before and behind", () => {
    const { list, all } = create(100);
    const seen: number[] = [];
    for (const one of list) {
      seen.push(one.name);
      if (one.name !== 50) continue;
      // Enough of them for the gaps to be closed.
      for (const gone of [...all.slice(0, 51), ...all.slice(60, 90)]) list.delete(gone);
      list.add({ name: 100, listPlace: NOT_LISTED, listNumber: 0 });
    }
    const left = (from: number, to: number): number[] => names(all.slice(from, to));
    expect(seen).toEqual([...left(0, 60), ...left(90, 100), 100]);
  });

  test("ends when the last ones go while it runs", () => {
    const { list, all } = create(100);
    const seen: number[] = [];
    for (const one of list) {
      seen.push(one.name);
      if (one.name === 40) for (const gone of all) list.delete(gone);
    }
    expect(seen).toEqual(names(all.slice(0, 41)));
    expect(list.size).toBe(0);
  });

  test("is, after any changes, what a Set would be", () => {
    const { list, all } = create(0);
    const model = new Set<Named>();
    let seed = 7;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return (seed >>> 8) % below;
    };
    for (let step = 0; step < 5000; step++) {
      if (random(1000) < (step % 1000 < 500 ? 700 : 300)) {
        const one = { name: step, listPlace: NOT_LISTED, listNumber: 0 };
        all.push(one);
        list.add(one);
        model.add(one);
      } else if (all.length > 0) {
        const one = all[random(all.length)]!;
        list.delete(one);
        model.delete(one);
      }
      expect(list.size).toBe(model.size);
      if (step % 50 === 0) expect(names(list)).toEqual(names(model));
    }
  });
});
