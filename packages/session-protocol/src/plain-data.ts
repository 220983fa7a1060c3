// The values that `data` may hold (PROTOCOL.md §3.3–§3.5): JSON, and byte strings in a wrapper.

import { depthMax } from "./limits.js";

/** Thrown when a program tries to send what the protocol has no word for (§3.5). */
export class DataError extends TypeError {
  /** Where in the data, such as `data.items[3].at`. */
  readonly path: string;

  constructor(path: string, found: string, advice: string) {
    super(`${path} cannot be sent: it is ${found}. ${advice}`);
    this.name = "DataError";
    this.path = path;
  }
}

// The packet itself is one level.
const dataDepthMax = depthMax - 1;
const wrapper = /^\$+binary$/;

/**
 * Whether data needs wrapping: it holds a byte string, or an object that looks like a wrapper.
 * @throws {DataError} when it holds a value that cannot be sent.
 */
export function needsWrapping(data: unknown): boolean {
  if (typeof data === "string") return false;
  return inspect(data, []);
}

function inspect(value: unknown, path: (string | number)[]): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return false;
    case "number":
      if (Number.isFinite(value)) return false;
      throw refuse(path, String(value), "Send null or a string instead");
    case "object":
      if (value === null) return false;
      if (isBytes(value)) return true;
      break;
    default:
      throw refuse(path, `of type ${typeof value}`, "Send null or a string instead");
  }
  if (path.length >= dataDepthMax) {
    throw refuse(path, "nested too deep, or part of a cycle", `At most ${dataDepthMax} levels`);
  }
  let found = false;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i += 1) {
      path.push(i);
      if (inspect(value[i], path)) found = true;
      path.pop();
    }
    return found;
  }
  if (!isPlain(value)) {
    const name = Object.prototype.toString.call(value).slice(8, -1);
    throw refuse(path, name === "Object" ? "a class instance" : `a ${name}`, adviceFor(name));
  }
  const keys = Object.keys(value);
  for (const key of keys) {
    const inner = (value as Record<string, unknown>)[key];
    if (inner === undefined) continue;
    path.push(key);
    if (inspect(inner, path)) found = true;
    path.pop();
  }
  return found || (keys.length === 1 && wrapper.test(keys[0]!));
}

/** A copy of data in which each byte string became `{"$binary": toWrapped(bytes)}`. */
export function wrap(value: unknown, toWrapped: (bytes: Uint8Array) => unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (isBytes(value)) return { $binary: toWrapped(value) };
  if (Array.isArray(value)) return value.map((item) => wrap(item, toWrapped));
  const keys = Object.keys(value);
  const prefix = keys.length === 1 && wrapper.test(keys[0]!) ? "$" : "";
  const copy = {};
  for (const key of keys) {
    own(copy, prefix + key, wrap((value as Record<string, unknown>)[key], toWrapped));
  }
  return copy;
}

/** Replaces wrappers in place. `toBytes` answers undefined for a wrapper that is not valid. */
export function unwrap(
  value: unknown,
  toBytes: (wrapped: unknown) => Uint8Array | undefined,
): { readonly value: unknown; readonly valid: boolean } {
  let valid = true;
  const visit = (inner: unknown): unknown => {
    if (typeof inner !== "object" || inner === null) return inner;
    const record = inner as Record<string, unknown>;
    const keys = Object.keys(record);
    if (!Array.isArray(inner) && keys.length === 1 && wrapper.test(keys[0]!)) {
      const key = keys[0]!;
      if (key !== "$binary") return { [key.slice(1)]: visit(record[key]) };
      const bytes = toBytes(record[key]);
      if (bytes === undefined) valid = false;
      return bytes;
    }
    for (const key of keys) {
      const before = record[key];
      if (typeof before !== "object" || before === null) continue;
      const after = visit(before);
      if (after !== before) own(record, key, after);
    }
    return inner;
  };
  return { value: visit(value), valid };
}

/** Defines rather than assigns: `__proto__` from the wire is a key like any other (§12.5). */
function own(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

function isBytes(value: object): value is Uint8Array {
  return ArrayBuffer.isView(value) && (value as Uint8Array)[Symbol.toStringTag] === "Uint8Array";
}

/** Any realm's plain object: its prototype is null or has none itself. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function adviceFor(name: string): string {
  if (name === "Date") return "Send date.toISOString() or a number";
  if (name === "Map" || name === "Set") return "Send an array, such as [...value]";
  if (/Array|Buffer|View/.test(name)) return "Send a Uint8Array over its bytes";
  return "Send a plain object";
}

function refuse(path: readonly (string | number)[], found: string, advice: string): DataError {
  const place = path.map((key) =>
    typeof key === "number"
      ? `[${key}]`
      : /^[A-Za-z_]\w*$/.test(key)
        ? `.${key}`
        : `[${JSON.stringify(key)}]`,
  );
  return new DataError(`data${place.join("")}`, found, `${advice}.`);
}
