// The only reader of shapes that came over the wire (PROTOCOL.md §4): one table, one loop.

import { type Fault, fault } from "./fault.js";
import {
  codeMax,
  defaultLimits,
  idMax,
  idMin,
  nameMax,
  textMax,
  tokenMax,
  versionsMax,
} from "./limits.js";
import { isCounted, type Packet } from "./packet.js";

/**
 * Checks a parsed value against §4. The answer is the value itself, now known to be a packet; fields
 * that are not listed are left alone and mean nothing.
 */
export function readPacket(value: unknown): Packet | Fault {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return fault("shape", "1", "a packet must be an object");
  }
  const record = value as Record<string, unknown>;
  const { type } = record;
  const fields = shapes.get(type);
  if (fields === undefined) return fault("shape", "4.1", "the packet's type is not known");
  for (const { name, kind, isOptional, test } of fields) {
    const found = record[name];
    if (found === undefined ? isOptional : test(found)) continue;
    const section = isCounted(value as Packet) ? "4.3" : "4.2";
    const problem = found === undefined ? "is missing" : `is not ${kind}`;
    return fault("shape", section, `${type}.${name} ${problem}`);
  }
  if (type === "hello") {
    const { session, secret, received } = record;
    const named = [session, secret, received].filter((field) => field !== undefined).length;
    if (named % 3 !== 0) {
      return fault("shape", "5.3", "hello must name session, secret and received, or none of them");
    }
  }
  return value as Packet;
}

/** Whether it is a `name` of §4.1. */
export function isName(value: unknown, max: number = nameMax): boolean {
  return isString(value, max) && value !== "" && !controls.test(value);
}

type Test = (value: unknown) => boolean;

interface Field {
  readonly name: string;
  readonly kind: string;
  readonly isOptional: boolean;
  readonly test: Test;
}

const isInteger = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;
const isPositive: Test = (value) => isInteger(value) && value > 0;
const isString = (value: unknown, max: number): value is string =>
  typeof value === "string" && value.length <= max;
const controls = /[\u0000-\u001f\u007f-\u009f]/;
const idPattern = /^[\w-]+$/;

/** The words of §4.1; asked only for the words of the table below, so a plain object will do. */
const kinds: Readonly<Record<string, Test>> = {
  integer: isInteger,
  positive: isPositive,
  name: (value) => isName(value),
  code: (value) => isName(value, codeMax),
  text: (value) => isString(value, textMax),
  token: (value) => isString(value, tokenMax),
  id: (value) => isString(value, idMax) && value.length >= idMin && idPattern.test(value),
  any: () => true,
  true: (value) => value === true,
  boolean: (value) => typeof value === "boolean",
  closecode: (value) => isInteger(value) && value >= 4000 && value < 5000,
  answer: (value) => value === "fresh" || value === "resumed" || value === "gap",
  versions: (value) =>
    Array.isArray(value) && value.length <= versionsMax && value.every(isInteger),
  limits: (value) =>
    typeof value === "object" &&
    value !== null &&
    Object.keys(defaultLimits).every((name) =>
      isPositive((value as Record<string, unknown>)[name]),
    ),
};

// Field, `?` for one that may be absent, and its kind: without one it is that of the field's own name
// where there is such a kind, else `integer`.
const table = `hello version link:positive session?:id secret?:id received? token? agent?:text
welcome answer reason?:code session:id secret?:id link:positive received position limits renewMs?
ack count position?
ping id:integer
pong id:integer
token token
renew renewMs?
bye code:closecode reason:text reconnect?:boolean retryMs? versions?
batch session:id secret:id link:positive position? received? waitMs?
event name data?:any volatile?:true room?:name epoch?:code offset?
request id:integer name data?:any timeoutMs?
reply id:integer data?:any
failure id:integer code message:text data?:any
abort id:integer
open stream name data?:any credit
data stream data?:any
credit stream credit:positive
end stream data?:any
cancel stream code message:text`;

const shapes = new Map<unknown, readonly Field[]>(
  table.split("\n").map((line) => {
    const [type, ...words] = line.split(" ");
    return [type, words.map(readField)];
  }),
);

function readField(word: string): Field {
  const [left = "", given] = word.split(":");
  const isOptional = left.endsWith("?");
  const name = isOptional ? left.slice(0, -1) : left;
  const kind = given ?? (name in kinds ? name : "integer");
  return { name, kind, isOptional, test: kinds[kind]! };
}
