// Data against the contract, at the edge: before it is sent, and before a handler sees it.

import type { Contract, InvalidData, Schema, SchemaResult } from "@tidewire/session-protocol";
import { ClientError } from "./client-error.js";

type Section = "client" | "server" | "streams";
type Part = "data" | "reply" | "up" | "down";

/** How the parts are called in errors. */
const phrases: Readonly<Record<Part, string>> = {
  data: '"?"',
  reply: 'The reply to "?"',
  up: 'An item of "?"',
  down: 'An item of "?"',
};

/** The schemas of a contract by name; names are only ever its own keys (PROTOCOL.md §12.5). */
export class Schemas {
  readonly #contract: Contract | undefined;

  constructor(contract: Contract | undefined) {
    this.#contract = contract;
  }

  /** Whether the contract has a section and the name is not in it. */
  isUnknown(section: Section, name: string): boolean {
    const names = this.#contract?.[section];
    return this.#contract !== undefined && !(names !== undefined && Object.hasOwn(names, name));
  }

  /** @throws {ClientError} `unknown-name`. */
  check(section: Section, name: string): void {
    if (this.isUnknown(section, name)) throw unknownName(section, name);
  }

  /**
   * What the contract makes of a value; the value itself without a schema. A promise only when the
   * schema answers with one.
   * @throws {ClientError} `invalid`, with `InvalidData` as `data`.
   */
  validate(section: Section, name: string, part: Part, value: unknown): unknown {
    const schema = this.#find(section, name, part);
    if (schema === undefined) return value;
    const what = phrases[part].replace("?", name);
    const result = schema["~standard"].validate(value);
    return result instanceof Promise
      ? result.then((settled) => taken(settled, what))
      : taken(result, what);
  }

  #find(section: Section, name: string, part: Part): Schema | undefined {
    const names = this.#contract?.[section] as
      | { [name: string]: { [part: string]: Schema } }
      | undefined;
    if (names === undefined || !Object.hasOwn(names, name)) return undefined;
    return names[name]?.[part];
  }
}

export function unknownName(section: Section, name: string): ClientError {
  const kind = section === "streams" ? "stream" : `${section} message`;
  return new ClientError("unknown-name", `The contract has no ${kind} "${name}".`);
}

function taken(result: SchemaResult<unknown>, what: string): unknown {
  if (result.issues === undefined) return result.value;
  const data: InvalidData = {
    issues: result.issues.map(({ message, path = [] }) => ({ message, path: path.map(keyOf) })),
  };
  const words = [`${what} does not fit the contract`];
  const [first] = data.issues;
  if (first !== undefined && first.path.length > 0) words.push(first.path.join("."));
  if (first !== undefined) words.push(first.message);
  throw new ClientError("invalid", words.join(": "), { data });
}

function keyOf(step: PropertyKey | { readonly key: PropertyKey }): string | number {
  const key = typeof step === "object" ? step.key : step;
  return typeof key === "number" ? key : String(key);
}
