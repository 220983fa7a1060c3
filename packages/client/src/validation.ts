// Data against the contract, at the edge: before it is sent, and before a handler sees it.

import type { Contract, Schema, SchemaIssue, SchemaResult } from "@tidewire/session-protocol";
import { ClientError } from "./client-error.js";

type Section = "client" | "server" | "streams";

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

  find(section: Section, name: string, part: "data" | "reply" | "up" | "down"): Schema | undefined {
    const names = this.#contract?.[section] as
      | { [name: string]: { [part: string]: Schema } }
      | undefined;
    if (names === undefined || !Object.hasOwn(names, name)) return undefined;
    return names[name]?.[part];
  }
}

/**
 * What the schema makes of a value; the value itself without a schema. A promise only when the schema
 * answers with one.
 * @throws {ClientError} `invalid`, with the issues as `data`.
 */
export function validate(
  schema: Schema | undefined,
  value: unknown,
  what: string,
): unknown | Promise<unknown> {
  if (schema === undefined) return value;
  const result = schema["~standard"].validate(value);
  return result instanceof Promise
    ? result.then((settled) => taken(settled, what))
    : taken(result, what);
}

function taken(result: SchemaResult<unknown>, what: string): unknown {
  if (result.issues === undefined) return result.value;
  const first = result.issues[0];
  const more = first === undefined ? "" : `: ${pathOf(first)}${first.message}`;
  throw new ClientError("invalid", `${what} does not fit the contract${more}`, {
    data: result.issues,
  });
}

function pathOf(issue: SchemaIssue): string {
  const keys = (issue.path ?? []).map((key) => String(typeof key === "object" ? key.key : key));
  return keys.length === 0 ? "" : `${keys.join(".")}: `;
}
