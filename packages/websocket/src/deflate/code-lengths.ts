/**
 * The header of a block with codes of its own (RFC 1951 §3.2.7): it tells the lengths of the codes, in
 * a code that is built for these.
 */
import type { Assembly } from "../wasm/assembly.js";
import {
  add,
  and,
  assign,
  type Code,
  call,
  choose,
  equal,
  type FunctionNumber,
  giveBack,
  increase,
  isAtMost,
  isLess,
  isMore,
  isZero,
  type Local,
  loopWhile,
  minimum,
  or,
  repeat,
  shiftLeft,
  subtract,
  type Value,
  when,
} from "../wasm/instructions.js";
import { frequencies, header, lengths, lengthsOrder, runs, used } from "./deflate-memory.js";
import {
  CODE_LENGTHS,
  createEntry,
  EXTRA,
  EXTRA_BITS,
  MANY_ZEROS,
  NO_SYMBOL,
  REPEAT,
  ZEROS,
} from "./deflate-symbols.js";

/** Of a block's header: "another follows", then its kind. */
const OWN_CODES = 0b100;

/**
 * Defines `addRuns(first, count, at)`: RFC 1951 §3.2.7, the lengths of the codes of an alphabet as
 * entries, repetitions shortened; returns the number of entries then.
 */
export function defineAddRuns(assembly: Assembly): FunctionNumber {
  const addZeros = defineAddZeros(assembly);
  const addRepeats = defineAddRepeats(assembly);
  return assembly.define("addRuns", 3, (local) => {
    const first = local();
    const count = local();
    const at = local();
    const index = local();
    const end = local();
    const next = local();
    const symbol = local();
    const bits = local();
    return [
      assign(index, first),
      assign(end, add(first, count)),
      assign(next, first),
      repeat(
        [
          assign(symbol, used.get(index)),
          when(isLess(next, symbol), [assign(at, call(addZeros, subtract(symbol, next), at))]),
          assign(bits, lengths.get(symbol)),
          addRun(at, add(bits, CODE_LENGTHS.first)),
          increase(index, 1),
          increase(symbol, 1),
          assign(next, symbol),
          loopWhile(
            and(
              and(isLess(index, end), equal(used.get(index), next)),
              equal(lengths.get(next), bits),
            ),
            [increase(index, 1), increase(next, 1)],
          ),
          when(isLess(symbol, next), [
            assign(at, call(addRepeats, bits, subtract(next, symbol), at)),
          ]),
        ],
        isLess(index, end),
      ),
      giveBack(at),
    ];
  });
}

/** Defines `addZeros(count, at)`. */
function defineAddZeros(assembly: Assembly): FunctionNumber {
  return assembly.define("addZeros", 2, (local) => {
    const count = local();
    const at = local();
    const some = local();
    return [
      loopWhile(isMore(count, 10), [
        assign(some, minimum(count, 138)),
        addRun(at, MANY_ZEROS, 7, subtract(some, 11)),
        assign(count, subtract(count, some)),
      ]),
      when(isMore(count, 2), [addRun(at, ZEROS, 3, subtract(count, 3)), giveBack(at)]),
      loopWhile(count, [addRun(at, CODE_LENGTHS.first), increase(count, -1)]),
      giveBack(at),
    ];
  });
}

/** Defines `addRepeats(bits, count, at)`: the same length again, so many times. */
function defineAddRepeats(assembly: Assembly): FunctionNumber {
  return assembly.define("addRepeats", 3, (local) => {
    const bits = local();
    const count = local();
    const at = local();
    const some = local();
    return [
      loopWhile(isMore(count, 2), [
        assign(some, minimum(count, 6)),
        addRun(at, REPEAT, 2, subtract(some, 3)),
        assign(count, subtract(count, some)),
      ]),
      loopWhile(count, [addRun(at, add(bits, CODE_LENGTHS.first)), increase(count, -1)]),
      giveBack(at),
    ];
  });
}

/** An entry of `runs`. */
function addRun(at: Local, symbol: Value, extraBits = 0, extra: Value = 0): Code {
  return [
    runs.set(at, or(or(symbol, extraBits << EXTRA_BITS), shiftLeft(extra, EXTRA))),
    frequencies.increase(symbol, 1),
    increase(at, 1),
  ];
}

/**
 * Defines `describeLengths(literals, distances)`: the header of a block with codes of its own, up to
 * the code that `runs` is written in; returns its number of entries.
 */
export function defineDescribeLengths(assembly: Assembly): FunctionNumber {
  return assembly.define("describeLengths", 2, (local) => {
    const literals = local();
    const distances = local();
    const last = local();
    const index = local();
    const symbol = local();
    const orderedSymbol = (at: Local): Code => add(lengthsOrder.get(at), CODE_LENGTHS.first);
    const counts = or(shiftLeft(subtract(literals, 257), 3), shiftLeft(subtract(distances, 1), 8));
    return [
      assign(last, CODE_LENGTHS.count - 1),
      loopWhile(isZero(frequencies.get(orderedSymbol(last))), [increase(last, -1)]),
      header.set(0, add(createEntry(NO_SYMBOL, 13, OWN_CODES), shiftLeft(counts, EXTRA))),
      header.set(1, add(createEntry(NO_SYMBOL, 4, 0), shiftLeft(subtract(last, 3), EXTRA))),
      repeat(
        [
          assign(symbol, orderedSymbol(index)),
          header.set(
            add(index, 2),
            or(
              createEntry(NO_SYMBOL, 3, 0),
              shiftLeft(choose(frequencies.get(symbol), lengths.get(symbol), 0), EXTRA),
            ),
          ),
          increase(index, 1),
        ],
        isAtMost(index, last),
      ),
      header.set(add(index, 2), NO_SYMBOL),
      giveBack(add(index, 2)),
    ];
  });
}
