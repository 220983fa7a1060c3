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
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(kinds, name)) {
      const known = Object.keys(kinds).join(", ");
      throw new TypeError(`A hub has no option ${JSON.stringify(name)}; it has ${known}.`);
    }
    const wanted = kinds[name as keyof HubOptions];
    if (value !== undefined && (value === null || !wanted.includes(typeof value))) {
      throw new TypeError(`The hub's option ${name} is ${shown(value)}: give a ${wanted.at(-1)}.`);
    }
  }
  const { slow = "gap" } = options;
  if (slow !== "gap" && slow !== "end") {
    throw new TypeError(`The hub's option slow is ${JSON.stringify(slow)}: give "gap" or "end".`);
  }
}

/** @throws {TypeError} unless a call such as `hub.on("x", …)` was given a function. */
export function checkFunction(given: unknown, call: string): void {
  if (typeof given === "function") return;
  throw new TypeError(`${call} needs a function, and was given ${shown(given)}.`);
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  return Array.isArray(value) ? "an array" : `a value of type ${typeof value}`;
}
