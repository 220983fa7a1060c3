/**
 * Writes a message that was turned into entries as one block (RFC 1951 §3.2.3), with codes of its own
 * or the fixed ones, whichever takes less, and the beginning of the empty block that RFC 7692 §7.2.1
 * asks for.
 */
import type { Assembly } from "../wasm/assembly.js";
import {
  add,
  and,
  assign,
  type Code,
  call,
  type FunctionNumber,
  giveBack,
  increase,
  isLess,
  type Local,
  load32,
  multiply,
  or,
  or64,
  repeat,
  shiftLeft,
  shiftLeft64,
  shiftRight,
  shiftRight64,
  store64,
  subtract,
  Type,
  when,
  widen,
} from "../wasm/instructions.js";
import { defineAddRuns, defineDescribeLengths } from "./code-lengths.js";
import {
  codes,
  entries,
  fixedCodes,
  frequencies,
  header,
  output,
  runs,
  used,
} from "./deflate-memory.js";
import {
  CODE_LENGTHS,
  createEntry,
  DISTANCES,
  END_OF_BLOCK,
  EXTRA,
  EXTRA_BITS,
  LITERALS,
  MANY_ZEROS,
  NO_SYMBOL,
  REPEAT,
  SYMBOLS_MAX,
  ZEROS,
} from "./deflate-symbols.js";

const CODE_BITS_MAX = 15;
const LENGTH_CODE_BITS_MAX = 7;
/** Of a block's header: "another follows", then its kind. */
const FIXED_CODES = createEntry(NO_SYMBOL, 3, 0b010);
/** The fixed codes win where symbols are few, or hardly occur twice; elsewhere nobody needs to count. */
const FEW_ENTRIES = 64;
const FEW_OCCURRENCES = 4;

/** Defines `writeBlock(count)`: of so many entries; returns how many bytes of output it takes. */
export function defineWriteBlock(assembly: Assembly, buildCode: FunctionNumber): FunctionNumber {
  const addRuns = defineAddRuns(assembly);
  const describeLengths = defineDescribeLengths(assembly);
  const cost = defineCost(assembly);
  const write = defineWrite(assembly);
  return assembly.define("writeBlock", 1, (local) => {
    const count = local();
    const literals = local();
    const distances = local();
    const runLengths = local();
    const runCount = local();
    const headerCount = local();
    const bits = local();
    /** How many lengths are written: up to that of the last symbol that has a code. */
    const written = (first: number, usedCount: Local): Code =>
      subtract(used.get(usedCount, first - 1), first - 1);
    // The first two entries take 13 and 4 bits, the others three each.
    const headerBits = add(multiply(subtract(headerCount, 2), 3), 17);
    const ownCost = add(
      add(
        add(
          call(cost, LITERALS.first, literals, codes.at),
          call(cost, DISTANCES.first, distances, codes.at),
        ),
        call(cost, CODE_LENGTHS.first, runLengths, codes.at),
      ),
      add(
        add(multiply(frequencies.get(REPEAT), 2), multiply(frequencies.get(ZEROS), 3)),
        add(multiply(frequencies.get(MANY_ZEROS), 7), headerBits),
      ),
    );
    const fixedCost = add(
      3,
      add(
        call(cost, LITERALS.first, literals, fixedCodes.at),
        call(cost, DISTANCES.first, distances, fixedCodes.at),
      ),
    );
    const finish = (table: number): Code => [
      assign(bits, call(write, entries.at, add(count, 2), table, bits)),
      giveBack(shiftRight(add(bits, 7), 3)),
    ];
    return [
      frequencies.set(END_OF_BLOCK, 1),
      entries.set(count, END_OF_BLOCK),
      // RFC 7692 §7.2.1: the empty block begins with three zeros, and goes on at a border of bytes.
      entries.set(add(count, 1), createEntry(NO_SYMBOL, 3, 0)),
      entries.set(add(count, 2), NO_SYMBOL),
      assign(literals, call(buildCode, LITERALS.first, LITERALS.count, CODE_BITS_MAX)),
      assign(distances, call(buildCode, DISTANCES.first, DISTANCES.count, CODE_BITS_MAX)),
      assign(runCount, call(addRuns, LITERALS.first, literals, 0)),
      assign(runCount, call(addRuns, DISTANCES.first, distances, runCount)),
      assign(
        runLengths,
        call(buildCode, CODE_LENGTHS.first, CODE_LENGTHS.count, LENGTH_CODE_BITS_MAX),
      ),
      assign(
        headerCount,
        call(
          describeLengths,
          written(LITERALS.first, literals),
          written(DISTANCES.first, distances),
        ),
      ),
      runs.set(runCount, NO_SYMBOL),
      when(isLess(count, add(multiply(literals, FEW_OCCURRENCES), FEW_ENTRIES)), [
        when(isLess(fixedCost, ownCost), [
          header.set(0, FIXED_CODES),
          header.set(1, NO_SYMBOL),
          assign(bits, call(write, header.at, 1, fixedCodes.at, 0)),
          finish(fixedCodes.at),
        ]),
      ]),
      assign(bits, call(write, header.at, headerCount, codes.at, 0)),
      assign(bits, call(write, runs.at, runCount, codes.at, bits)),
      finish(codes.at),
    ];
  });
}

/** Defines `cost(first, count, table)`: bits that an alphabet's used symbols take, without extra bits. */
function defineCost(assembly: Assembly): FunctionNumber {
  return assembly.define("cost", 3, (local) => {
    const first = local();
    const count = local();
    const table = local();
    const end = local();
    const symbol = local();
    const bits = local();
    return [
      assign(end, add(first, count)),
      repeat(
        [
          assign(symbol, used.get(first)),
          increase(
            bits,
            multiply(frequencies.get(symbol), and(load32(add(table, shiftLeft(symbol, 2)), 0), 15)),
          ),
          increase(first, 1),
        ],
        isLess(first, end),
      ),
      giveBack(bits),
    ];
  });
}

/**
 * Defines `write(from, count, table, bits)`: entries behind the bits that have been written, two at a
 * time, with one behind them that is empty; returns how many bits have been written then.
 *
 * Bits are collected in `word`, from the lowest on, which is written as a whole each time: what is not
 * a complete byte is written again with the next. No branch depends on the entries, as it could not
 * be foreseen.
 */
function defineWrite(assembly: Assembly): FunctionNumber {
  return assembly.define("write", 4, (local) => {
    const from = local();
    const count = local();
    const table = local();
    const bits = local();
    const end = local();
    const at = local();
    const word = local(Type.i64);
    const one = codedEntry(table, local(), local(), local(), local());
    const other = codedEntry(table, local(), local(), local(), local());
    const both = or64(widen(one.value), shiftLeft64(widen(other.value), widen(one.bits)));
    return [
      assign(end, add(from, shiftLeft(count, 2))),
      assign(at, shiftRight(bits, 3)),
      assign(bits, and(bits, 7)),
      assign(word, widen(and(output.get(at), subtract(shiftLeft(1, bits), 1)))),
      repeat(
        [
          one.read(load32(from, 0)),
          other.read(load32(from, 4)),
          assign(word, or64(word, shiftLeft64(both, widen(bits)))),
          store64(at, output.at, word),
          increase(bits, add(one.bits, other.bits)),
          increase(at, shiftRight(bits, 3)),
          assign(word, shiftRight64(word, widen(and(bits, 0x38)))),
          assign(bits, and(bits, 7)),
          increase(from, 8),
        ],
        isLess(from, end),
      ),
      giveBack(add(shiftLeft(at, 3), bits)),
    ];
  });
}

interface CodedEntry {
  readonly read: (entry: Code) => Code;
  readonly value: Local;
  readonly bits: Local;
}

/** An entry's code and extra bits as one number. */
function codedEntry(
  table: Local,
  entry: Local,
  code: Local,
  value: Local,
  bits: Local,
): CodedEntry {
  return {
    read: (read) => [
      assign(entry, read),
      assign(code, load32(add(table, shiftLeft(and(entry, SYMBOLS_MAX - 1), 2)), 0)),
      assign(bits, and(code, 15)),
      assign(value, or(shiftRight(code, 4), shiftLeft(shiftRight(entry, EXTRA), bits))),
      increase(bits, and(shiftRight(entry, EXTRA_BITS), 15)),
    ],
    value,
    bits,
  };
}
