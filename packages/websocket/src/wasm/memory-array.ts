/** How a module's functions, and JavaScript, get at what is in its memory. */
import { add, type Code, code, shiftLeft, unsigned, type Value } from "./instructions.js";

/** An array in the memory, of 8, 16 or 32 bits an element, without sign. */
export class MemoryArray {
  readonly at: number;
  readonly bytes: number;
  readonly #bits: 8 | 16 | 32;

  /** @param at its first byte. */
  constructor(at: number, bits: 8 | 16 | 32, length: number) {
    this.at = at;
    this.bytes = (length * bits) / 8;
    this.#bits = bits;
  }

  /** The byte behind it. */
  get end(): number {
    return this.at + this.bytes;
  }

  /** All of it, for JavaScript. */
  view(buffer: ArrayBuffer): Uint8Array | Uint16Array | Uint32Array {
    const View = { 8: Uint8Array, 16: Uint16Array, 32: Uint32Array }[this.#bits];
    return new View(buffer, this.at, (this.bytes * 8) / this.#bits);
  }

  /** The element at `index + plus`. */
  get(index: Value, plus = 0): Code {
    const load = { 8: 0x2d, 16: 0x2f, 32: 0x28 }[this.#bits];
    return [this.#scaled(index), load, 0, this.#offset(plus)];
  }

  set(index: Value, element: Value): Code {
    const store = { 8: 0x3a, 16: 0x3b, 32: 0x36 }[this.#bits];
    return [this.#scaled(index), code(element), store, 0, this.#offset(0)];
  }

  increase(index: Value, by: Value): Code {
    return this.set(index, add(this.get(index), by));
  }

  /** Zeros in the place of its first `length` elements. */
  clear(length: Value): Code {
    return [code(this.at), code(0), this.#scaled(length), 0xfc, 11, 0];
  }

  #scaled(index: Value): Code {
    return this.#bits === 8 ? code(index) : shiftLeft(index, this.#bits === 16 ? 1 : 2);
  }

  #offset(plus: number): Code {
    return unsigned(this.at + (plus * this.#bits) / 8);
  }
}
