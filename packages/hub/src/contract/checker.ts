// The contract at the edge: what goes out and what comes in is held against its schema.

import {
  bounds,
  type Contract,
  type InvalidData,
  type MessageShape,
  type Schema,
  type SchemaIssue,
  type SchemaResult,
  type Side,
  type StreamShape,
} from "@tidewire/session-protocol";
import { FailureError } from "../failure.js";
import { issuesMax } from "../limits.js";

/** Names of hooks of the hub, which an event of a contract cannot have. */
const reserved: readonly string[] = ["connect", "disconnect"];

/** A value, or the promise of one: most schemas and handlers are synchronous, and stay so. */
export type Maybe<Value> = Value | Promise<Value>;

/** A contract, as maps: a name from the wire must not find a member of `Object` (§12.5). */
export class Checker {
  readonly #messages: Readonly<Record<Side, Map<string, MessageShape>>> | undefined;
  readonly #streams: Map<string, StreamShape>;

  /** Without a contract every name and every value passes. */
  constructor(contract: Contract | undefined) {
    this.#streams = new Map(Object.entries(contract?.streams ?? {}));
    if (contract === undefined) return;
    this.#messages = {
      client: new Map(Object.entries(contract.client ?? {})),
      server: new Map(Object.entries(contract.server ?? {})),
    };
    checkParts("contract", contract, sections);
    for (const names of [this.#messages.client, this.#messages.server, this.#streams]) {
      for (const name of names.keys()) checkName(name);
    }
    for (const [section, names] of Object.entries({ ...this.#messages, streams: this.#streams })) {
      for (const [name, shape] of names) {
        const place = `contract.${section}.${name}`;
        checkParts(place, shape ?? {}, parts[section]!);
        checkShape(place, shape);
      }
    }
    for (const name of reserved) {
      if (this.#messages.client.has(name)) {
        throw new TypeError(`contract.client.${name}: the name is the hub's own, choose another.`);
      }
    }
  }

  get isOpen(): boolean {
    return this.#messages === undefined;
  }

  /** Whether `side` may send this; of a request or of an event. */
  knows(side: Side, name: string, kind: "event" | "request"): boolean {
    if (this.#messages === undefined) return true;
    const shape = this.#messages[side].get(name);
    return shape !== undefined && (kind === "request") === (shape.reply !== undefined);
  }

  knowsStream(name: string): boolean {
    return this.isOpen || this.#streams.has(name);
  }

  /** The value that a handler gets, or a `FailureError` with code `invalid`. */
  receive(side: Side, name: string, part: keyof MessageShape, value: unknown): Maybe<unknown> {
    if (this.#messages === undefined) return value;
    return parse(this.#messages[side].get(name)?.[part], value, `${name}.${part}`);
  }

  receiveStream(name: string, part: keyof StreamShape, value: unknown): Maybe<unknown> {
    if (this.isOpen) return value;
    return parse(this.#streams.get(name)?.[part], value, `${name}.${part}`);
  }

  /**
   * Checks what a program of ours wants to send; the value itself goes out, as the other side's schema
   * will read it.
   * @throws {FailureError} `unknown-name`, or `invalid` with the issues.
   * @throws {TypeError} when the schema is asynchronous: an event cannot wait for it; for a name that
   * no wire carries.
   */
  send(side: Side, name: string, kind: "event" | "request", value: unknown): void {
    if (this.#messages === undefined) {
      checkName(name);
      return;
    }
    if (!this.knows(side, name, kind)) {
      throw new FailureError(
        "unknown-name",
        `The contract has no ${kind} ${JSON.stringify(name)}.`,
      );
    }
    checkNow(this.#messages[side].get(name)?.data, value, `${name}.data`);
  }

  sendStream(name: string, part: keyof StreamShape, value: unknown): void {
    if (this.isOpen) return;
    const shape = this.#streams.get(name);
    if (shape === undefined) {
      throw new FailureError("unknown-name", `The contract has no stream ${JSON.stringify(name)}.`);
    }
    checkNow(shape[part], value, `${name}.${part}`);
  }

  /** A handler's answer to a request that `side` made. */
  reply(side: Side, name: string, value: unknown): Maybe<unknown> {
    if (this.#messages === undefined) return value;
    return parse(this.#messages[side].get(name)?.reply, value, `${name}.reply`);
  }
}

const sections = ["client", "server", "streams"];
const parts: Readonly<Record<string, readonly string[]>> = {
  client: ["data", "reply"],
  server: ["data", "reply"],
  streams: ["data", "up", "down"],
};

const controls = /[\u0000-\u001f\u007f-\u009f]/;

/** The last that was found good: the same is often sent again. */
let nameChecked: string | undefined;

/**
 * §4.1: a peer that is sent any other name ends its session, and it would be our fault.
 * @throws {TypeError} for a name that no wire carries.
 */
export function checkName(name: string): void {
  if (name === nameChecked) return;
  if (name !== "" && name.length <= bounds.nameMax && !controls.test(name)) {
    nameChecked = name;
    return;
  }
  throw new TypeError(
    `${JSON.stringify(name.slice(0, 40))} cannot be a name: give 1 to ${bounds.nameMax} characters, ` +
      "no control characters.",
  );
}

/** @throws {TypeError} for a part that does not exist: with a misspelt one nothing would be checked. */
function checkParts(place: string, whole: object, known: readonly string[]): void {
  const unknown = Object.keys(whole).find((part) => !known.includes(part));
  if (unknown === undefined) return;
  throw new TypeError(
    `${place} has no part ${JSON.stringify(unknown)}; it has ${known.join(", ")}.`,
  );
}

/** @throws {TypeError} for a part that is no schema: nothing sent under that name could be checked. */
function checkShape(place: string, shape: MessageShape | StreamShape): void {
  for (const [part, schema] of Object.entries(shape ?? {})) {
    if (schema === undefined || typeof schema?.["~standard"]?.validate === "function") continue;
    throw new TypeError(
      `${place}.${part} is no schema: it lacks "~standard" (Standard Schema), as Zod, Valibot and ArkType have it.`,
    );
  }
}

function checkNow(schema: Schema | undefined, value: unknown, place: string): void {
  const parsed = parse(schema, value, place);
  if (parsed instanceof Promise) {
    parsed.catch(() => {});
    throw new TypeError(
      `${place} has an asynchronous schema: what is sent needs a synchronous one.`,
    );
  }
}

function parse(schema: Schema | undefined, value: unknown, place: string): Maybe<unknown> {
  if (schema === undefined) {
    if (value === undefined) return undefined;
    throw invalid(place, [{ message: "carries no data" }]);
  }
  const result = schema["~standard"].validate(value);
  if (result instanceof Promise) return result.then((later) => take(later, place));
  return take(result, place);
}

function take(result: SchemaResult<unknown>, place: string): unknown {
  if (result.issues !== undefined) throw invalid(place, result.issues);
  return result.value;
}

function invalid(place: string, issues: readonly SchemaIssue[]): FailureError {
  const told = issues.slice(0, issuesMax).map(({ message, path }) => ({
    message: message.slice(0, 200),
    path: (path ?? []).map((step) => keyOf(step)),
  }));
  const first = told[0];
  const where = first === undefined || first.path.length === 0 ? "" : ` at ${first.path.join(".")}`;
  const message = `${place} is not valid${where}: ${first?.message ?? "no reason given"}`;
  const data: InvalidData = { issues: told };
  return new FailureError("invalid", message.slice(0, 500), { data });
}

function keyOf(step: PropertyKey | { readonly key: PropertyKey }): string | number {
  const key = typeof step === "object" ? step.key : step;
  return typeof key === "number" ? key : String(key).slice(0, 128);
}
