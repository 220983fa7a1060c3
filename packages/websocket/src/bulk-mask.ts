/**
 * Masking (RFC 6455 §5.3) of long payloads by WebAssembly's vectors: blocks are copied into the memory
 * of a tiny module, XORed there while they are in the processor's first cache, and copied to where they
 * belong. Three to five times as fast as words in JavaScript, though it copies twice.
 *
 * The module is assembled here, from the instructions of the WebAssembly specification. Where there is
 * no WebAssembly, or one without vectors, there is no bulk mask.
 */
import type { BulkMask } from "@tidewire/ws-protocol";

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
  readonly memory: { readonly buffer: ArrayBuffer };
  /** Masks the bytes of the memory from `at` to `end`; returns 0 if all of them are ASCII then. */
  mask(at: number, end: number, key: number): number;
}

interface WebAssemblyGlobal {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
}

function instantiate(): MaskExports | undefined {
  const { WebAssembly } = globalThis as { readonly WebAssembly?: WebAssemblyGlobal };
  if (WebAssembly === undefined) return undefined;
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(moduleBytes())).exports as MaskExports;
  } catch {
    return undefined; // No vectors, or no permission to compile.
  }
}

// ——— the module ———

const Type = { i32: 0x7f, v128: 0x7b, void: 0x40, function: 0x60 } as const;
// Parameters, then locals.
const [AT, END, KEY, LAST, KEYS, SEEN, LANES, TAIL] = [0, 1, 2, 3, 4, 5, 6, 7] as const;

function moduleBytes(): Uint8Array {
  // Local declarations, in groups: LAST, then KEYS, SEEN, LANES and TAIL.
  const body = [2, 1, Type.i32, 4, Type.v128, ...maskBody(), Op.end];
  return new Uint8Array([
    ...[0, ...ascii("asm"), 1, 0, 0, 0],
    ...section(1, [Type.function, 3, Type.i32, Type.i32, Type.i32, 1, Type.i32]),
    ...section(3, [0]),
    // The text, what was read, and a page for a block. A vector that reaches beyond the end of any of
    // them stays inside.
    ...section(5, [0, BLOCK_AT / PAGE_BYTES + 1]),
    ...section(7, [6, ...ascii("memory"), 2, 0], [4, ...ascii("mask"), 0, 0]),
    ...section(10, [...unsigned(body.length), ...body]),
  ]);
}

/**
 * Four vectors per turn, then one, then one of which only the first bytes count. It is written whole,
 * with nothing XORed to the others: in what was read the next frame is there.
 */
function maskBody(): number[] {
  return [
    ...[...get(KEY), ...Op.splat32, ...set(KEYS)],
    ...forEachWhole(64, [0, 16, 32, 48].flatMap(maskVector)),
    ...forEachWhole(16, maskVector(0)),
    // TAIL = 0…15 < END - AT
    ...[...Op.constant, ...Array.from({ length: 16 }, (_, lane) => lane)],
    ...[...get(END), ...get(AT), Op.subtract32, ...Op.splat8, ...Op.below8, ...set(TAIL)],
    ...[...get(KEYS), ...get(TAIL), ...Op.and, ...set(KEYS)],
    ...maskedVector(0),
    // SEEN | (LANES & TAIL)
    ...[...get(SEEN), ...get(LANES), ...get(TAIL), ...Op.and, ...Op.or, ...Op.bitmask8],
  ];
}

function maskVector(offset: number): number[] {
  return [...maskedVector(offset), ...get(SEEN), ...get(LANES), ...Op.or, ...set(SEEN)];
}

/** memory[AT + offset] = LANES = memory[AT + offset] ^ KEYS */
function maskedVector(offset: number): number[] {
  // 0: nothing is promised about the alignment.
  const address = [0, ...unsigned(offset)];
  return [
    ...[...get(AT), ...get(AT), ...Op.load, ...address],
    ...[...get(KEYS), ...Op.xor, Op.tee, LANES],
    ...[...Op.store, ...address],
  ];
}

/** for (LAST = AT + ((END - AT) & -step); AT < LAST; AT += step) body; */
function forEachWhole(step: number, body: readonly number[]): number[] {
  return [
    ...[...get(AT), ...get(END), ...get(AT), Op.subtract32],
    ...[Op.constant32, ...signed(-step), Op.and32, Op.add32, ...set(LAST)],
    ...[Op.block, Type.void, Op.loop, Type.void],
    ...[...get(AT), ...get(LAST), Op.atLeast32, Op.branchIf, 1],
    ...body,
    ...[...get(AT), Op.constant32, ...signed(step), Op.add32, ...set(AT)],
    ...[Op.branch, 0, Op.end, Op.end],
  ];
}

const Op = {
  block: 0x02,
  loop: 0x03,
  end: 0x0b,
  branch: 0x0c,
  branchIf: 0x0d,
  get: 0x20,
  set: 0x21,
  tee: 0x22,
  constant32: 0x41,
  atLeast32: 0x4f, // i32.ge_u
  add32: 0x6a,
  subtract32: 0x6b,
  and32: 0x71,
  load: vector(0),
  store: vector(11),
  constant: vector(12),
  splat8: vector(15),
  splat32: vector(17),
  below8: vector(38), // i8x16.lt_u
  and: vector(78),
  or: vector(80),
  xor: vector(81),
  bitmask8: vector(100),
} as const;

function vector(code: number): number[] {
  return [0xfd, ...unsigned(code)];
}

function get(local: number): number[] {
  return [Op.get, local];
}

function set(local: number): number[] {
  return [Op.set, local];
}

function section(id: number, ...entries: readonly number[][]): number[] {
  const content = [entries.length, ...entries.flat()];
  return [id, ...unsigned(content.length), ...content];
}

function ascii(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  return value >= -0x40 && value < 0x40
    ? [value & 0x7f]
    : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}
