// What the README shows compiles, and so does that of the repository, which has both ends.

import { COMPILE_MS, compileSamples, samplesOf } from "@tidewire/test-support";
import { expect, test } from "vitest";

const own = samplesOf(new URL("../README.md", import.meta.url));
const repository = samplesOf(new URL("../../../README.md", import.meta.url));

/** What the samples leave to the reader. */
const reader = `
import type { Client } from "@tidewire/client";
import type { chat as Chat } from "./contract.js";
declare global {
  const client: Client;
  const chat: typeof Chat;
  const file: File;
  const signal: AbortSignal;
  const userId: string;
  const append: (text: unknown) => void;
  const askTheUser: (name: string, data: unknown, code: string) => void;
  const bar: (part: number) => void;
  const fetchToken: () => Promise<string>;
  const save: (name: string | undefined, file: Blob) => void;
  const show: (said: unknown) => void;
}
`;

const contract = `
import { defineContract, type Schema } from "@tidewire/client";
declare const Text: Schema<{ text: string }>;
declare const Id: Schema<{ id: string }>;
export const chat = defineContract({
  client: { say: { data: Text, reply: Id } },
  server: { said: { data: Text } },
});
`;

test(
  "the samples of both READMEs compile",
  async () => {
    expect(own.length).toBeGreaterThan(8);
    expect(repository).toHaveLength(2);
    const files = { "reader.ts": reader, "contract.ts": contract };
    expect(await compileSamples([...own, ...repository], files)).toBe("");
  },
  COMPILE_MS,
);
