/**
 * Instructions of WebAssembly (https://webassembly.github.io/spec/core/) as expressions and statements
 * that read like the code they stand for. Numbers are 32 bits wide unless a name ends in 64.
 */

/** Instructions, nested as they were written: statements, or an expression that leaves a value. */
export type Code = readonly (number | Code)[];

/** What an expression is made of: a constant, a local, or another expression. */
export type Value = number | Local | Code;

export interface Local {
  readonly index: number;
}

/** The number of a function within its module. */
export interface FunctionNumber {
  readonly number: number;
}

export const Type = { i32: 0x7f, i64: 0x7e, v128: 0x7b, void: 0x40, function: 0x60 } as const;
export type ValueType = typeof Type.i32 | typeof Type.i64 | typeof Type.v128;

/** Declares another local of the function that is being written. */
export type DeclareLocal = (type?: ValueType) => Local;

// ——— expressions ———

type Unary = (value: Value) => Code;
type Binary = (one: Value, other: Value) => Code;

export const equal: Binary = binary(0x46);
export const differ: Binary = binary(0x47);
export const isLess: Binary = binary(0x48);
export const isMore: Binary = binary(0x4a);
export const isAtMost: Binary = binary(0x4c);
export const isAtLeast: Binary = binary(0x4e);
export const add: Binary = binary(0x6a);
export const subtract: Binary = binary(0x6b);
export const multiply: Binary = binary(0x6c);
export const and: Binary = binary(0x71);
export const or: Binary = binary(0x72);
export const shiftLeft: Binary = binary(0x74);
/** Without sign. */
export const shiftRight: Binary = binary(0x76);
export const isZero: Unary = unary(0x45);
export const leadingZeros: Unary = unary(0x67);

export const isZero64: Unary = unary(0x50);
export const trailingZeros64: Unary = unary(0x7a);
export const or64: Binary = binary(0x84);
export const xor64: Binary = binary(0x85);
export const shiftLeft64: Binary = binary(0x86);
export const shiftRight64: Binary = binary(0x88);
export const narrow: Unary = unary(0xa7);
export const widen: Unary = unary(0xad);

/** The four bytes from `address + offset` on, the first one lowest. */
export function load32(address: Value, offset: number): Code {
  return [code(address), 0x28, 0, unsigned(offset)];
}

/** The eight bytes from `address + offset` on. */
export function load64(address: Value, offset: number): Code {
  return [code(address), 0x29, 0, unsigned(offset)];
}

export function store64(address: Value, offset: number, value: Value): Code {
  return [code(address), code(value), 0x37, 0, unsigned(offset)];
}

/** One of two values, both of which are computed. */
export function choose(condition: Value, yes: Value, no: Value): Code {
  return [code(yes), code(no), code(condition), 0x1b];
}

export function minimum(one: Value, other: Value): Code {
  return choose(isLess(one, other), one, other);
}

export function maximum(one: Value, other: Value): Code {
  return choose(isMore(one, other), one, other);
}

export function call({ number }: FunctionNumber, ...values: readonly Value[]): Code {
  return [values.map(code), 0x10, number];
}

/** An assignment that leaves what it assigned. */
export function assigned({ index }: Local, value: Value): Code {
  return [code(value), 0x22, index];
}

// ——— statements ———

export function assign({ index }: Local, value: Value): Code {
  return [code(value), 0x21, index];
}

export function increase(local: Local, by: Value): Code {
  return assign(local, add(local, by));
}

export function when(condition: Value, then: Code, otherwise: Code = []): Code {
  const rest = otherwise.length === 0 ? [] : [0x05, otherwise];
  return [code(condition), 0x04, Type.void, then, rest, END];
}

export function loopWhile(condition: Value, body: Code): Code {
  return [
    [0x02, Type.void, 0x03, Type.void],
    [isZero(condition), 0x0d, 1],
    body,
    [0x0c, 0, END, END],
  ];
}

/** Runs the body at least once, which is faster where it does anyway. */
export function repeat(body: Code, whileCondition: Value): Code {
  return [0x03, Type.void, body, code(whileCondition), 0x0d, 0, END];
}

/** Leaves the function. */
export function giveBack(value: Value): Code {
  return [code(value), 0x0f];
}

/** Calls a function and drops what it returns. */
export function run(called: FunctionNumber, ...values: readonly Value[]): Code {
  return [call(called, ...values), 0x1a];
}

// ——— encoding ———

export const END = 0x0b;

function unary(operation: number): Unary {
  return (value) => [code(value), operation];
}

function binary(operation: number): Binary {
  return (one, other) => [code(one), code(other), operation];
}

export function code(value: Value): Code {
  if (typeof value === "number") return [0x41, signed(value | 0)];
  return "index" in value ? [0x20, value.index] : value;
}

/** LEB128. */
export function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): Code {
  return value >= -0x40 && value < 0x40
    ? [value & 0x7f]
    : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}
