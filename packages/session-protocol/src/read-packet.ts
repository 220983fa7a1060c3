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
import type { Packet } from "./packet.js";

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
  const fields = typeof type === "string" ? shapes.get(type) : undefined;
  if (fields === undefined) return fault("shape", "4.1", "the packet's type is not known");
  for (const field of fields) {
    const found = record[field.name];
    if (found === undefined ? !field.optional : !field.test(found)) {
      const state = found === undefined ? "is missing" : "is not";
      const detail = `${type}.${field.name} ${state}${found === undefined ? "" : ` ${field.kind}`}`;
      return fault("shape", field.section, detail);
    }
  }
  if (type === "hello") {
    const named = ["session", "secret", "received"].filter((name) => record[name] !== undefined);
    if (named.length % 3 !== 0) {
      return fault("shape", "5.3", "hello must name session, secret and received, or none of them");
    }
  }
  return value as Packet;
}

type Test = (value: unknown) => boolean;

interface Field {
  readonly name: string;
  readonly kind: string;
  readonly optional: boolean;
  readonly test: Test;
  readonly section: string;
}

const isInteger: Test = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isPositive: Test = (value) => isInteger(value) && value !== 0;
const isString = (value: unknown, max: number): value is string =>
  typeof value === "string" && value.length <= max;
const controls = /[\u0000-\u001f\u007f-\u009f]/;
const isName = (value: unknown, max: number): boolean =>
  isString(value, max) && value !== "" && !controls.test(value);
const idPattern = /^[\w-]+$/;

const kinds = new Map<string, Test>([
  ["integer", isInteger],
  ["positive", isPositive],
  ["name", (value) => isName(value, nameMax)],
  ["code", (value) => isName(value, codeMax)],
  ["text", (value) => isString(value, textMax)],
  ["token", (value) => isString(value, tokenMax)],
  ["id", (value) => isString(value, idMax) && value.length >= idMin && idPattern.test(value)],
  ["any", () => true],
  ["true", (value) => value === true],
  ["boolean", (value) => typeof value === "boolean"],
  [
    "closecode",
    (value) => isInteger(value) && (value as number) >= 4000 && (value as number) < 5000,
  ],
  ["answer", (value) => value === "fresh" || value === "resumed" || value === "gap"],
  [
    "versions",
    (value) => Array.isArray(value) && value.length <= versionsMax && value.every(isInteger),
  ],
  [
    "limits",
    (value) =>
      typeof value === "object" &&
      value !== null &&
      Object.keys(defaultLimits).every((name) =>
        isPositive((value as Record<string, unknown>)[name]),
      ),
  ],
]);

const uncounted = `
hello version:integer link:positive session?:id secret?:id received?:integer token?:token agent?:text
welcome answer:answer reason?:code session:id secret?:id link:positive received:integer position:integer limits:limits renewMs?:integer
ack count:integer
ping id:integer
pong id:integer
token token:token
renew renewMs?:integer
bye code:closecode reason:text reconnect?:boolean retryMs?:integer versions?:versions
batch session:id secret:id link:positive position?:integer received?:integer waitMs?:integer`;

const counted = `
event name:name data?:any volatile?:true room?:name epoch?:code offset?:integer
request id:integer name:name data?:any timeoutMs?:integer
reply id:integer data?:any
failure id:integer code:code message:text data?:any
abort id:integer
open stream:integer name:name data?:any credit:integer
data stream:integer data?:any
credit stream:integer credit:positive
end stream:integer data?:any
cancel stream:integer code:code message:text`;

const shapes = new Map<string, readonly Field[]>([
  ...readTable(uncounted, "4.2"),
  ...readTable(counted, "4.3"),
]);

function readTable(table: string, section: string): [string, Field[]][] {
  return table
    .trim()
    .split("\n")
    .map((line) => {
      const [type = "", ...words] = line.split(" ");
      return [type, words.map((word) => readField(word, section))];
    });
}

function readField(word: string, section: string): Field {
  const [left = "", kind = ""] = word.split(":");
  const optional = left.endsWith("?");
  const name = optional ? left.slice(0, -1) : left;
  return { name, kind, optional, test: kinds.get(kind) as Test, section };
}
