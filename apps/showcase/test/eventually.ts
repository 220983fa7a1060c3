import { expect } from "vitest";

/** Looks until it is so. The limit is for machines that are busy. */
export function eventually<T>(look: () => T, timeout = 20_000): ReturnType<typeof expect.poll<T>> {
  return expect.poll(look, { timeout });
}
