/**
 * Finds what a message repeats of itself (RFC 1951 §4): it becomes literal bytes and matches, each the
 * length and the distance of an earlier occurrence.
 *
 * The effort is that of zlib's level 6, and so is the result: at each place up to 128 earlier ones
 * with the same four bytes are tried, and a match gives way to a longer one a byte later.
 */
import type { Assembly } from "../wasm/assembly.js";
import {
  add,
  and,
  assign,
  assigned,
  type Code,
  call,
  choose,
  equal,
  type FunctionNumber,
  giveBack,
  increase,
  isAtLeast,
  isAtMost,
  isLess,
  isMore,
  isZero,
  isZero64,
  type Local,
  leadingZeros,
  load32,
  load64,
  loopWhile,
  maximum,
  minimum,
  multiply,
  narrow,
  or,
  repeat,
  run,
  shiftLeft,
  shiftRight,
  subtract,
  Type,
  trailingZeros64,
  when,
  xor64,
} from "../wasm/instructions.js";
import {
  entries,
  frequencies,
  HASH_BITS,
  heads,
  lengthEntries,
  links,
  message,
} from "./deflate-memory.js";
import { DISTANCES, EXTRA, EXTRA_BITS, SYMBOLS_MAX } from "./deflate-symbols.js";

const MATCH_BYTES_MAX = 258;
/** Places that are tried for a match, and a quarter of them when there is a good one already. */
const TRIES_MAX = 128;
const GOOD_BYTES = 8;
/** A match this long is not given up for one a byte later. */
const SETTLED_BYTES = 16;
/** A match this long is not tried to be outdone. */
const NICE_BYTES = 128;

/** A match is one number: its length, and its place shifted by so many bits. */
const PLACE = 16;

/**
 * Defines `findMatches(end)`: turns the message that ends before `end` into entries, one for a literal
 * and two for a match, counts the symbols in them, and returns how many they are.
 */
export function defineMatchSearch(assembly: Assembly): FunctionNumber {
  const link = defineLink(assembly);
  const search = defineSearch(assembly);
  const outdo = defineOutdo(assembly, search);
  return assembly.define("findMatches", 1, (local) => {
    const end = local();
    const at = local();
    const place = local();
    const match = local();
    const longer = local();
    const entry = local();
    const count = local();
    const length = and(match, 2 ** PLACE - 1);
    const addEntry = (value: Code): Code => [
      assign(entry, value),
      entries.set(count, entry),
      increase(count, 1),
      frequencies.increase(and(entry, SYMBOLS_MAX - 1), 1),
    ];
    const addLiteral = [addEntry(message.get(at)), increase(at, 1)];
    const addMatch = [
      addEntry(lengthEntries.get(length)),
      addEntry(distanceEntry(subtract(at, shiftRight(match, PLACE)), local(), local())),
      increase(at, length),
    ];
    return [
      frequencies.clear(SYMBOLS_MAX),
      run(link, end),
      assign(at, 1),
      repeat(
        [
          assign(match, 0),
          when(assigned(place, links.get(at)), [
            assign(match, call(search, at, end, 3, TRIES_MAX, place)),
          ]),
          when(isZero(match), addLiteral, [
            loopWhile(assigned(longer, call(outdo, at, end, length)), [
              addLiteral,
              assign(match, longer),
            ]),
            addMatch,
          ]),
        ],
        isLess(at, end),
      ),
      giveBack(count),
    ];
  });
}

/** Defines `link(end)`: chains the places that begin with the same four bytes. */
function defineLink(assembly: Assembly): FunctionNumber {
  return assembly.define("link", 1, (local) => {
    const end = local();
    const at = local();
    const hash = local();
    return [
      heads.clear(2 ** HASH_BITS),
      assign(at, 1),
      loopWhile(isAtMost(at, subtract(end, 4)), [
        assign(hash, multiply(load32(at, message.at), 0x9e3779b1)),
        assign(hash, shiftRight(hash, 32 - HASH_BITS)),
        links.set(at, heads.get(hash)),
        heads.set(hash, at),
        increase(at, 1),
      ]),
      loopWhile(isLess(at, end), [links.set(at, 0), increase(at, 1)]),
      giveBack(0),
    ];
  });
}

/**
 * Defines `search(at, end, length, tries, place)`: the longest match that is longer than `length`, at
 * `place` or at those linked to it; 0 when there is none.
 */
function defineSearch(assembly: Assembly): FunctionNumber {
  return assembly.define("search", 5, (local) => {
    const at = local();
    const end = local();
    const best = local();
    const tries = local();
    const place = local();
    const lengthMax = local();
    const wanted = local();
    const found = local();
    const same = local();
    const differing = local(Type.i64);
    // What could be longer has the same bytes at the end, too.
    const lastBytes = (from: Local): Code => load32(add(from, best), message.at - 3);
    const eightBytes = (from: Local): Code => load64(add(from, same), message.at);
    const result = or(shiftLeft(found, PLACE), best);
    return [
      assign(lengthMax, minimum(subtract(end, at), MATCH_BYTES_MAX)),
      when(isAtLeast(best, lengthMax), [giveBack(0)]),
      assign(wanted, lastBytes(at)),
      repeat(
        [
          when(equal(lastBytes(place), wanted), [
            assign(same, -8),
            repeat(
              [increase(same, 8), assign(differing, xor64(eightBytes(place), eightBytes(at)))],
              and(isZero64(differing), isLess(same, lengthMax)),
            ),
            increase(same, shiftRight(narrow(trailingZeros64(differing)), 3)),
            assign(same, minimum(same, lengthMax)),
            when(isMore(same, best), [
              assign(best, same),
              assign(found, place),
              when(or(isAtLeast(same, NICE_BYTES), equal(same, lengthMax)), [giveBack(result)]),
              assign(wanted, lastBytes(at)),
            ]),
          ]),
          assign(place, links.get(place)),
          increase(tries, -1),
        ],
        and(isMore(place, 0), isMore(tries, 0)),
      ),
      giveBack(choose(found, result, 0)),
    ];
  });
}

/**
 * Defines `outdo(at, end, length)`: a match a byte later that is longer than one of this length; 0
 * when there is none, or no need for one.
 */
function defineOutdo(assembly: Assembly, search: FunctionNumber): FunctionNumber {
  return assembly.define("outdo", 3, (local) => {
    const at = local();
    const end = local();
    const length = local();
    const place = local();
    const tries = choose(isLess(length, GOOD_BYTES), TRIES_MAX, TRIES_MAX / 4);
    return [
      when(isAtLeast(length, SETTLED_BYTES), [giveBack(0)]),
      when(isZero(assigned(place, links.get(at, 1))), [giveBack(0)]),
      giveBack(call(search, add(at, 1), end, length, tries, place)),
    ];
  });
}

/** RFC 1951 §3.2.5. */
function distanceEntry(distance: Code, far: Local, bits: Local): Code {
  return [
    assign(far, subtract(distance, 1)),
    assign(bits, maximum(subtract(30, leadingZeros(far)), 0)),
    or(
      add(add(shiftLeft(bits, 1), DISTANCES.first), shiftRight(far, bits)),
      or(shiftLeft(bits, EXTRA_BITS), shiftLeft(and(far, subtract(shiftLeft(1, bits), 1)), EXTRA)),
    ),
  ];
}
