// What a program without a type checker may get wrong: told where it is written, not when a peer comes.

import type { HubOptions } from "./hub.js";

const kinds: Readonly<Record<keyof HubOptions, readonly string[]>> = {
  contract: ["object"],
  limits: ["object"],
  authenticate: ["function"],
  rooms: ["function"],
  origins: ["string", "object", "function"],
  credentials: ["boolean"],
  slow: ["string"],
  backplane: ["object"],
  node: ["string"],
  metrics: ["object"],
  onError: ["function"],
  platform: ["object"],
};

/** @throws {TypeError} for an option that the hub does not have, or that is of another type. */
export function checkHubOptions(options: Pick<HubOptions, "slow">): void {
  checkOptions("A hub", kinds, options);
  const { slow = "gap" } = options;
  if (slow !== "gap" && slow !== "end") {
    throw new TypeError(`The option slow is ${JSON.stringify(slow)}: give "gap" or "end".`);
  }
}

/**
 * Options by name, with the types that each may have.
 * @throws {TypeError} for one that `owner` does not have, or that is of another type.
 */
export function checkOptions(
  owner: string,
  kinds: Readonly<Record<string, readonly string[]>>,
  options: object,
): void {
  const known = Object.keys(kinds).join(", ");
  if (typeof options !== "object" || options === null) {
    throw new TypeError(
      `${owner} takes its options (${known}) as an object, not ${shown(options)}.`,
    );
  }
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(kinds, name)) {
      throw new TypeError(`${owner} has no option ${JSON.stringify(name)}; it has ${known}.`);
    }
    const wanted = kinds[name] ?? [];
    if (value !== undefined && (value === null || !wanted.includes(typeof value))) {
      throw new TypeError(
        `The option ${name} is ${shown(value)}, not of type ${wanted.join(" or ")}.`,
      );
    }
  }
}

/** @throws {TypeError} unless a call such as `hub.on("x", …)` was given a function. */
export function checkFunction(given: unknown, call: string): void {
  if (typeof given === "function") return;
  throw new TypeError(`${call} needs a function, and was given ${shown(given)}.`);
}

/** A value as errors speak of it: its kind, for it may be a secret. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  return Array.isArray(value) ? "an array" : `a value of type ${typeof value}`;
}
