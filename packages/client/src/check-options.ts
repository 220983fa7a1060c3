// What a program without a type checker may get wrong in the options of `connect`. On Node it is thrown
// at the call; in a page it is in the second chunk, and told to the watchers of `error` from there.

import { bounds, defaultLimits } from "@tidewire/session-protocol";
import type { ClientOptions } from "./client-options.js";
import { pollIntervalMs, pollIntervalMsMin } from "./later-limits.js";

const kinds: Readonly<Record<keyof ClientOptions, string>> = {
  contract: "object",
  token: "string or function",
  transports: "object",
  pollIntervalMs: "number",
  codec: "string",
  outbox: "object",
  limits: "object",
  credentials: "string",
  agent: "string",
  autoConnect: "boolean",
  platform: "object",
};

const words = { codec: ["binary", "json"], credentials: ["omit", "same-origin", "include"] };
const messageParts = ["data", "reply"];
const sections = { client: messageParts, server: messageParts, streams: ["data", "up", "down"] };

/** @throws {TypeError | RangeError} for an option, limit or schema that is none, by its name. */
export function checkOptions(options: ClientOptions): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError("The options of connect are an object.");
  }
  for (const [name, value] of Object.entries(options)) {
    const kind = known("options", kinds, name);
    const given = value === null ? "null" : typeof value;
    if (value !== undefined && !kind.split(" or ").includes(given)) {
      throw new TypeError(`The option ${name} is of type ${given}, not ${kind}.`);
    }
  }
  for (const name of ["codec", "credentials"] as const) {
    const value = options[name];
    if (value !== undefined && !words[name].includes(value)) {
      throw new TypeError(`${name} is ${JSON.stringify(value)}: give ${words[name].join(" or ")}.`);
    }
  }
  if (typeof options.token === "string" && options.token.length > bounds.tokenMax) {
    throw new RangeError(`token has more than ${bounds.tokenMax} characters.`);
  }
  checkedInterval(options.pollIntervalMs);
  checkCounts("outbox", { entries: 0, bytes: 0 }, options.outbox);
  checkCounts("limits", defaultLimits, options.limits);
  checkContract(options.contract);
}

/** @throws {RangeError} for a pause that is none, or too short. */
export function checkedInterval(ms: number = pollIntervalMs): number {
  if (ms >= pollIntervalMsMin && ms < Number.POSITIVE_INFINITY) return ms;
  throw new RangeError(`pollIntervalMs is ${ms}: give ${pollIntervalMsMin} or more milliseconds.`);
}

function checkCounts(place: string, names: object, given: object = {}): void {
  for (const [name, value] of Object.entries(given)) {
    known(place, names, name);
    if (value === undefined || (Number.isSafeInteger(value) && value > 0)) continue;
    throw new RangeError(`${place}.${name} is ${value}: give a whole number of at least 1.`);
  }
}

function checkContract(contract: object = {}): void {
  for (const [section, names] of Object.entries(contract)) {
    const parts = known("contract", sections, section);
    for (const [name, shape] of Object.entries(names ?? {})) {
      for (const [part, schema] of Object.entries(shape ?? {})) {
        const place = `contract.${section}.${name}`;
        if (!parts.includes(part)) {
          throw new TypeError(
            `${place} has no ${JSON.stringify(part)}; it has ${parts.join(", ")}.`,
          );
        }
        if (schema === undefined || isSchema(schema)) continue;
        throw new TypeError(
          `${place}.${part} is no schema: it lacks "~standard" (Standard Schema), as Zod, Valibot and ArkType have it.`,
        );
      }
    }
  }
}

function isSchema(value: unknown): boolean {
  const standard = (value as { "~standard"?: { validate?: unknown } } | null)?.["~standard"];
  return typeof standard?.validate === "function";
}

/** What `table` says of `name`. */
function known<Value>(
  place: string,
  table: { readonly [name: string]: Value },
  name: string,
): Value;
function known(place: string, table: object, name: string): unknown;
function known(place: string, table: object, name: string): unknown {
  if (Object.hasOwn(table, name)) return (table as { [name: string]: unknown })[name];
  const names = Object.keys(table).join(", ");
  throw new TypeError(`${place} has no ${JSON.stringify(name)}; it has ${names}.`);
}
