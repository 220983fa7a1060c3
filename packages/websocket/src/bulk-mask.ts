/**
 * Masking (RFC 6455 §5.3) of long payloads by WebAssembly's vectors: blocks are copied into the memory
 * of a tiny module, XORed there while they are in the processor's first cache, and copied to where they
 * belong. Three to five times as fast as words in JavaScript, though it copies twice.
 *
 * Where there is no WebAssembly, or one without vectors, there is no bulk mask.
 */
import type { BulkMask } from "@tidewire/ws-protocol";
import { Assembly, type AssemblyMemory } from "./wasm/assembly.js";
import {
  add,
  and,
  assign,
  type Code,
  type DeclareLocal,
  giveBack,
  increase,
  isLess,
  loopWhile,
  subtract,
  Type,
} from "./wasm/instructions.js";
import {
  andVector,
  areBelow8,
  bitmask8,
  constantVector,
  loadVector,
  orVector,
  splat8,
  splat32,
  storeVector,
  xorVector,
} from "./wasm/vectors.js";

/** Source and result of a block stay in a first-level cache. */
const BLOCK_BYTES = 16 * 1024;

/** Text that is a small part of a chunk pays for a view of its own from here on (measured on Node 20). */
const PART_FROM_BYTES = 512;

/** Text up to here is collected in the module's memory; longer text is rare, and slow anyway. */
const TEXT_BYTES = 256 * 1024;
/** Room for one read of a socket: see `readMemory`. */
const READ_BYTES = 128 * 1024;
const BLOCK_AT = TEXT_BYTES + READ_BYTES;
const PAGE_BYTES = 64 * 1024;

export interface BulkMasking {
  readonly maskBulk: BulkMask;
  /**
   * Masks a copy of `source[start..end)` in `block` and returns where it lies there until the next
   * call. -1 when it is not all ASCII, is too long for a block, or a small part of much.
   */
  maskText(source: Uint8Array, start: number, end: number, key: number): number;
  readonly block: Uint8Array;
  /** Memory of the module's own: what is masked into it is not copied out of a block. */
  readonly textMemory: Uint8Array;
  /** More of it, to read from sockets into: what lies there is masked where it lies. */
  readonly readMemory: Uint8Array;
}

/** Compiles the module; undefined where this runtime cannot. */
export function loadBulkMasking(): BulkMasking | undefined {
  const exports = instantiate();
  if (exports === undefined) return undefined;
  const { mask, memory } = exports;
  const textMemory = new Uint8Array(memory.buffer, 0, TEXT_BYTES);
  const readMemory = new Uint8Array(memory.buffer, TEXT_BYTES, READ_BYTES);
  const block = new Uint8Array(memory.buffer, BLOCK_AT, BLOCK_BYTES);
  const maskBulk: BulkMask = (source, start, end, target, at, key) => {
    const { buffer, byteOffset } = source;
    let nonAscii = 0;
    if (buffer === memory.buffer) {
      // What was read belongs to whoever unmasks it, so it may be changed where it lies.
      nonAscii = mask(byteOffset + start, byteOffset + end, key);
      if (target !== source || at !== start) target.set(source.subarray(start, end), at);
      return nonAscii === 0 ? 0 : -1;
    }
    for (let from = start, to = at; from < end; from += BLOCK_BYTES, to += BLOCK_BYTES) {
      const count = Math.min(end - from, BLOCK_BYTES);
      // Quicker than `subarray`, which asks what kind of array it is to make.
      const part = new Uint8Array(buffer, byteOffset + from, count);
      // The key keeps its place, because a block is a multiple of four bytes.
      if (target === textMemory) {
        textMemory.set(part, to);
        nonAscii |= mask(to, to + count, key);
      } else {
        block.set(part);
        nonAscii |= mask(BLOCK_AT, BLOCK_AT + count, key);
        target.set(count === BLOCK_BYTES ? block : block.subarray(0, count), to);
      }
    }
    return nonAscii === 0 ? 0 : -1;
  };
  const maskText = (source: Uint8Array, start: number, end: number, key: number): number => {
    const count = end - start;
    let at = start;
    // To copy what stands around it, too, is cheaper than to make a view.
    if (source.length <= Math.min(count << 1, BLOCK_BYTES)) block.set(source);
    else if (count < PART_FROM_BYTES || count > BLOCK_BYTES) return -1;
    else {
      at = 0;
      block.set(new Uint8Array(source.buffer, source.byteOffset + start, count));
    }
    return mask(BLOCK_AT + at, BLOCK_AT + at + count, key) === 0 ? at : -1;
  };
  return { maskBulk, maskText, block, textMemory, readMemory };
}

interface MaskExports {
  /** Masks the bytes of the memory from `at` to `end`; returns 0 if all of them are ASCII then. */
  mask(at: number, end: number, key: number): number;
}

function instantiate(): (MaskExports & AssemblyMemory) | undefined {
  // The text, what was read, and a page for a block. A vector that reaches beyond the end of any of
  // them stays inside.
  const assembly = new Assembly(BLOCK_AT + PAGE_BYTES);
  assembly.export(assembly.define("mask", 3, writeMask));
  return assembly.instantiate<MaskExports>();
}

/**
 * Four vectors per turn, then one, then one of which only the first bytes count. It is written whole,
 * with nothing XORed to the others: in what was read the next frame is there.
 */
function writeMask(local: DeclareLocal): Code {
  const at = local();
  const end = local();
  const key = local();
  const last = local();
  const keys = local(Type.v128);
  const seen = local(Type.v128);
  const lanes = local(Type.v128);
  const tail = local(Type.v128);
  const maskVector = (offset: number): Code => [
    assign(lanes, xorVector(loadVector(at, offset), keys)),
    storeVector(at, offset, lanes),
  ];
  const maskWhole = (offset: number): Code => [
    maskVector(offset),
    assign(seen, orVector(seen, lanes)),
  ];
  const forEachWhole = (step: number, body: Code): Code => [
    assign(last, add(at, and(subtract(end, at), -step))),
    loopWhile(isLess(at, last), [...body, increase(at, step)]),
  ];
  const lanesInOrder = constantVector(Array.from({ length: 16 }, (_, lane) => lane));
  return [
    assign(keys, splat32(key)),
    forEachWhole(64, [0, 16, 32, 48].map(maskWhole)),
    forEachWhole(16, maskWhole(0)),
    assign(tail, areBelow8(lanesInOrder, splat8(subtract(end, at)))),
    assign(keys, andVector(keys, tail)),
    maskVector(0),
    giveBack(bitmask8(orVector(seen, andVector(lanes, tail)))),
  ];
}
