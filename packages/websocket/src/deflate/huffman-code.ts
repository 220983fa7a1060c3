/**
 * Huffman codes as DEFLATE has them (RFC 1951 §3.2.2): the shortest that the frequencies of their
 * symbols allow within a greatest length. They are built anew for each message.
 */
import type { Assembly } from "../wasm/assembly.js";
import {
  add,
  and,
  assign,
  call,
  choose,
  differ,
  equal,
  type FunctionNumber,
  giveBack,
  increase,
  isAtMost,
  isLess,
  isMore,
  isZero,
  loopWhile,
  minimum,
  or,
  repeat,
  run,
  shiftLeft,
  shiftRight,
  subtract,
  when,
} from "../wasm/instructions.js";
import {
  codes,
  DEPTH_MAX,
  depths,
  frequencies,
  innerCounts,
  leaves,
  lengthCounts,
  lengths,
  nextCodes,
  parents,
  reversedBytes,
  sorted,
  starts,
  sums,
  used,
} from "./deflate-memory.js";

/** The greatest length of any code. */
const BITS_MAX = 15;
/** More than any sum of frequencies. */
const ENDLESS = 0x7fffffff;

export interface HuffmanFunctions {
  /**
   * `buildCode(first, symbolCount, bitsMax)`: makes the best code for the alphabet that begins with
   * symbol `first`, by its frequencies; returns how many of its symbols have codes.
   */
  readonly buildCode: FunctionNumber;
  /** `assignCodes(first, count)`: makes the codes of the used symbols from their lengths. */
  readonly assignCodes: FunctionNumber;
}

export function defineHuffmanCode(assembly: Assembly): HuffmanFunctions {
  const collect = defineCollect(assembly);
  const growTree = defineGrowTree(assembly);
  const shorten = defineShorten(assembly);
  const countLengths = defineCountLengths(assembly, shorten);
  const assignCodes = defineAssignCodes(assembly);
  const buildCode = assembly.define("buildCode", 3, (local) => {
    const first = local();
    const symbolCount = local();
    const bitsMax = local();
    const count = local();
    const at = local();
    const bits = local();
    const left = local();
    return [
      assign(count, call(collect, first, symbolCount)),
      run(growTree, count),
      run(countLengths, bitsMax),
      assign(at, count),
      repeat(
        [
          increase(bits, 1),
          assign(left, lengthCounts.get(bits)),
          loopWhile(left, [
            increase(at, -1),
            lengths.set(sorted.get(at), bits),
            increase(left, -1),
          ]),
        ],
        isMore(at, 0),
      ),
      run(assignCodes, first, count),
      giveBack(count),
    ];
  });
  return { buildCode, assignCodes };
}

/** Defines `collect(first, symbolCount)`: lists and sorts the symbols that occur; returns how many do. */
function defineCollect(assembly: Assembly): FunctionNumber {
  return assembly.define("collect", 2, (local) => {
    const first = local();
    const symbolCount = local();
    const symbol = local();
    const frequency = local();
    const most = local();
    const next = local();
    const index = local();
    const start = local();
    const size = local();
    return [
      assign(symbol, first),
      assign(next, first),
      repeat(
        [
          assign(frequency, frequencies.get(symbol)),
          used.set(next, symbol),
          // Without a branch, which would be hard to foresee.
          increase(next, differ(frequency, 0)),
          assign(most, or(most, frequency)),
          increase(symbol, 1),
        ],
        isLess(symbol, add(first, symbolCount)),
      ),
      // A single code would be incomplete, which not every inflater takes.
      when(isLess(subtract(next, first), 2), [
        assign(symbol, choose(equal(next, first), first, used.get(first))),
        used.set(first, first),
        used.set(add(first, 1), add(symbol, equal(symbol, first))),
        assign(next, add(first, 2)),
      ]),
      starts.clear(add(most, 1)),
      assign(index, first),
      repeat(
        [starts.increase(frequencies.get(used.get(index)), 1), increase(index, 1)],
        isLess(index, next),
      ),
      assign(frequency, 0),
      repeat(
        [
          assign(size, starts.get(frequency)),
          starts.set(frequency, start),
          increase(start, size),
          increase(frequency, 1),
        ],
        isAtMost(frequency, most),
      ),
      assign(index, first),
      repeat(
        [
          assign(symbol, used.get(index)),
          assign(frequency, frequencies.get(symbol)),
          assign(start, starts.get(frequency)),
          starts.set(frequency, add(start, 1)),
          sorted.set(start, symbol),
          leaves.set(start, frequency),
          increase(index, 1),
        ],
        isLess(index, next),
      ),
      giveBack(subtract(next, first)),
    ];
  });
}

/**
 * Defines `growTree(count)`: Huffman's procedure over the sorted leaves. Inner nodes come into being in
 * the order of their sums, so two queues do, and the last is the root.
 */
function defineGrowTree(assembly: Assembly): FunctionNumber {
  return assembly.define("growTree", 1, (local) => {
    const count = local();
    const node = local();
    const leaf = local();
    const inner = local();
    const isInner = local();
    const difference = local();
    const sum = local();
    const depth = local();
    // The lesser of the first ones, without a branch: a parent that is too early is written again.
    const takeLeast = [
      assign(difference, subtract(sums.get(inner), leaves.get(leaf))),
      assign(isInner, shiftRight(difference, 31)),
      increase(sum, add(leaves.get(leaf), and(difference, subtract(0, isInner)))),
      parents.set(inner, node),
      increase(inner, isInner),
      increase(leaf, isZero(isInner)),
    ];
    return [
      leaves.set(count, ENDLESS),
      innerCounts.clear(DEPTH_MAX),
      repeat(
        [
          sums.set(node, ENDLESS),
          assign(sum, 0),
          takeLeast,
          takeLeast,
          sums.set(node, sum),
          increase(node, 1),
        ],
        isLess(node, subtract(count, 1)),
      ),
      increase(node, -1),
      depths.set(node, 0),
      innerCounts.set(0, 1),
      loopWhile(node, [
        increase(node, -1),
        assign(depth, add(depths.get(parents.get(node)), 1)),
        depths.set(node, depth),
        innerCounts.increase(depth, 1),
      ]),
      giveBack(0),
    ];
  });
}

/** Defines `countLengths(bitsMax)`: counts the leaves of each depth, as lengths of codes. */
function defineCountLengths(assembly: Assembly, shorten: FunctionNumber): FunctionNumber {
  return assembly.define("countLengths", 1, (local) => {
    const bitsMax = local();
    const depth = local();
    const inner = local();
    const places = local();
    return [
      lengthCounts.clear(BITS_MAX + 1),
      repeat(
        [
          assign(places, shiftLeft(innerCounts.get(depth), 1)),
          increase(depth, 1),
          assign(inner, innerCounts.get(depth)),
          lengthCounts.increase(minimum(depth, bitsMax), subtract(places, inner)),
        ],
        inner,
      ),
      when(isMore(depth, bitsMax), [run(shorten, bitsMax)]),
      giveBack(0),
    ];
  });
}

/**
 * Defines `shorten(bitsMax)`: codes that were cut to `bitsMax` are too many for it; others, the longest
 * of the shorter ones, grow by a bit each, until the code is complete again.
 */
function defineShorten(assembly: Assembly): FunctionNumber {
  return assembly.define("shorten", 1, (local) => {
    const bitsMax = local();
    const bits = local();
    const over = local();
    return [
      assign(over, subtract(0, shiftLeft(1, bitsMax))),
      repeat(
        [
          increase(bits, 1),
          increase(over, shiftLeft(lengthCounts.get(bits), subtract(bitsMax, bits))),
        ],
        isLess(bits, bitsMax),
      ),
      loopWhile(isMore(over, 0), [
        assign(bits, subtract(bitsMax, 1)),
        loopWhile(isZero(lengthCounts.get(bits)), [increase(bits, -1)]),
        // A leaf becomes two, and one of the deepest moves there: one place fewer is needed.
        lengthCounts.increase(bits, -1),
        lengthCounts.increase(add(bits, 1), 2),
        lengthCounts.increase(bitsMax, -1),
        increase(over, -1),
      ]),
      giveBack(0),
    ];
  });
}

/** RFC 1951 §3.2.2: the codes of one length follow one another, in the order of their symbols. */
function defineAssignCodes(assembly: Assembly): FunctionNumber {
  return assembly.define("assignCodes", 2, (local) => {
    const first = local();
    const count = local();
    const index = local();
    const bits = local();
    const symbol = local();
    const code = local();
    return [
      repeat(
        [
          assign(code, shiftLeft(add(code, lengthCounts.get(bits)), 1)),
          increase(bits, 1),
          nextCodes.set(bits, code),
        ],
        isLess(bits, BITS_MAX),
      ),
      assign(index, first),
      repeat(
        [
          assign(symbol, used.get(index)),
          assign(bits, lengths.get(symbol)),
          assign(code, nextCodes.get(bits)),
          nextCodes.set(bits, add(code, 1)),
          assign(
            code,
            or(
              shiftLeft(reversedBytes.get(and(code, 0xff)), 8),
              reversedBytes.get(shiftRight(code, 8)),
            ),
          ),
          codes.set(symbol, or(shiftLeft(shiftRight(code, subtract(16, bits)), 4), bits)),
          increase(index, 1),
        ],
        isLess(index, add(first, count)),
      ),
      giveBack(0),
    ];
  });
}
