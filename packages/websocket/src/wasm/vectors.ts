/** Instructions of WebAssembly on vectors of 128 bits. */
import { type Code, code, unsigned, type Value } from "./instructions.js";

export function loadVector(address: Value, offset: number): Code {
  return [code(address), operation(0), 0, unsigned(offset)];
}

export function storeVector(address: Value, offset: number, vector: Value): Code {
  return [code(address), code(vector), operation(11), 0, unsigned(offset)];
}

/** Sixteen bytes. */
export function constantVector(bytes: readonly number[]): Code {
  return [operation(12), bytes];
}

export const splat8: (value: Value) => Code = unary(15);
export const splat32: (value: Value) => Code = unary(17);
/** Of each byte whether it is less, as all its bits. */
export const areBelow8: (one: Value, other: Value) => Code = binary(38);
export const andVector: (one: Value, other: Value) => Code = binary(78);
export const orVector: (one: Value, other: Value) => Code = binary(80);
export const xorVector: (one: Value, other: Value) => Code = binary(81);
/** The highest bits of the bytes, as a number. */
export const bitmask8: (value: Value) => Code = unary(100);

function unary(number: number): (value: Value) => Code {
  return (value) => [code(value), operation(number)];
}

function binary(number: number): (one: Value, other: Value) => Code {
  return (one, other) => [code(one), code(other), operation(number)];
}

function operation(number: number): Code {
  return [0xfd, unsigned(number)];
}
