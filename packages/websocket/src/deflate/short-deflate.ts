/**
 * Compresses short messages without zlib: a module of WebAssembly that is assembled here finds what
 * they repeat, builds codes for it, and writes one block.
 *
 * The result is as small as that of zlib's level 6, which takes more than twice as long for 1 KiB, and
 * three times as long for 150 bytes: it clears a table of 64 KiB for each message without history, and
 * its search branches where no processor can foresee it.
 */
import { Assembly, type AssemblyMemory } from "../wasm/assembly.js";
import { add, call } from "../wasm/instructions.js";
import { defineWriteBlock } from "./block-writer.js";
import { SHORT_MESSAGE_BYTES_MAX } from "./deflate-limits.js";
import * as places from "./deflate-memory.js";
import { createLengthEntries, DISTANCES, LENGTHS_ORDER, LITERALS } from "./deflate-symbols.js";
import { defineHuffmanCode } from "./huffman-code.js";
import { defineMatchSearch } from "./match-search.js";

/** What the module exports; the functions on codes for tests alone. */
export interface ShortDeflateModule extends AssemblyMemory {
  /** Compresses a message of so many bytes, 1 at least; returns how many bytes of output there are. */
  deflate(length: number): number;
  buildCode(first: number, symbolCount: number, bitsMax: number): number;
  assignCodes(first: number, count: number): number;
}

/** RFC 7692 §7.2.3.6: an empty message is one byte. */
const EMPTY_MESSAGE = Uint8Array.of(0);

interface LoadedModule {
  readonly deflate: (length: number) => number;
  /** Where the message is expected, and where its result is. */
  readonly message: Uint8Array;
  readonly output: Uint8Array;
}

/** Null where there is no WebAssembly. */
let loaded: LoadedModule | null | undefined;

/**
 * Compresses a whole message of up to `SHORT_MESSAGE_BYTES_MAX`, without history.
 *
 * @returns what is valid until the next call; `undefined` when it is longer than that or than the
 *   receiver's window, or there is no WebAssembly.
 */
export function deflateShort(message: Uint8Array, windowBits: number): Uint8Array | undefined {
  const { length } = message;
  if (length > SHORT_MESSAGE_BYTES_MAX || length > 1 << windowBits) return undefined;
  if (length === 0) return EMPTY_MESSAGE;
  if (loaded === undefined) loaded = load();
  if (loaded === null) return undefined;
  loaded.message.set(message);
  return loaded.output.subarray(0, loaded.deflate(length));
}

function load(): LoadedModule | null {
  const module = instantiateShortDeflate();
  if (module === undefined) return null;
  const { buffer } = module.memory;
  const message = new Uint8Array(buffer, places.message.at + 1, SHORT_MESSAGE_BYTES_MAX);
  const output = new Uint8Array(buffer, places.output.at, places.output.bytes);
  return { deflate: module.deflate, message, output };
}

/** A module of its own; `undefined` where this runtime has no WebAssembly. */
export function instantiateShortDeflate(): ShortDeflateModule | undefined {
  const assembly = new Assembly(places.MEMORY_BYTES);
  const findMatches = defineMatchSearch(assembly);
  const { buildCode, assignCodes } = defineHuffmanCode(assembly);
  const writeBlock = defineWriteBlock(assembly, buildCode);
  const deflate = assembly.define("deflate", 1, (local) => [
    call(writeBlock, call(findMatches, add(local(), 1))),
  ]);
  assembly.export(deflate);
  assembly.export(buildCode);
  assembly.export(assignCodes);
  const module = assembly.instantiate<ShortDeflateModule>();
  if (module !== undefined) fillTables(module);
  return module;
}

function fillTables(module: ShortDeflateModule): void {
  const { buffer } = module.memory;
  places.lengthEntries.view(buffer).set(createLengthEntries());
  places.lengthsOrder.view(buffer).set(LENGTHS_ORDER);
  const reversed = places.reversedBytes.view(buffer);
  for (let byte = 0; byte < 256; byte++) reversed[byte] = reverse(byte);
  for (const [first, lengths] of fixedLengths()) setLengths(module, first, lengths);
  places.fixedCodes.view(buffer).set(places.codes.view(buffer));
}

/** Makes the codes of the alphabet that begins with `first` from these lengths. */
export function setLengths(
  module: ShortDeflateModule,
  first: number,
  lengths: readonly number[],
): void {
  const { buffer } = module.memory;
  const counts = places.lengthCounts.view(buffer).fill(0);
  for (const bits of lengths) counts[bits]!++;
  places.lengths.view(buffer).set(lengths, first);
  places.used.view(buffer).set(
    lengths.map((_, index) => first + index),
    first,
  );
  module.assignCodes(first, lengths.length);
}

/** RFC 1951 §3.2.6: the lengths of the fixed codes, by the first symbol of their alphabets. */
function fixedLengths(): [first: number, lengths: number[]][] {
  const literals = Array.from({ length: 288 }, (_, symbol) => {
    if (symbol < 144) return 8;
    if (symbol < 256) return 9;
    return symbol < 280 ? 7 : 8;
  });
  return [
    [LITERALS.first, literals],
    [DISTANCES.first, Array<number>(DISTANCES.count).fill(5)],
  ];
}

function reverse(byte: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 8; bit++) reversed |= ((byte >> bit) & 1) << (7 - bit);
  return reversed;
}
