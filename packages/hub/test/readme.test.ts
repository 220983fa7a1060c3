// What the README shows compiles.

import { COMPILE_MS, compileSamples, samplesOf } from "@tidewire/test-support";
import { expect, test } from "vitest";

const samples = samplesOf(new URL("../README.md", import.meta.url));

/** What the samples leave to the reader. */
const reader = `
import type { createHash as CreateHash } from "node:crypto";
import type { createWriteStream as CreateWriteStream } from "node:fs";
import type { createServer as CreateServer, RequestListener, Server } from "node:http";
import type { pipeline as Pipeline } from "node:stream/promises";
import type { Backplane, Hub } from "@tidewire/hub";
import type { Attached, attach as Attach } from "@tidewire/hub/node";
interface User { readonly id: string; readonly name: string }
declare global {
  const hub: Hub;
  const server: Server;
  const attached: Attached;
  const attach: typeof Attach;
  const createServer: typeof CreateServer;
  const createHash: typeof CreateHash;
  const createWriteStream: typeof CreateWriteStream;
  const pipeline: typeof Pipeline;
  const path: string;
  const expressApp: RequestListener;
  const fastify: { readonly server: Server };
  const honoApp: { readonly fetch: unknown };
  const serve: (options: { readonly fetch: unknown }) => Server;
  const whoIs: (token: string | undefined) => Promise<User>;
  const model: (prompt: unknown, signal: AbortSignal) => AsyncIterable<string>;
  const connectToEngine: () => Backplane;
  const test: (title: string, run: () => Promise<void>) => void;
}
`;

test(
  "the samples of the README compile",
  async () => {
    expect(samples.length).toBeGreaterThan(4);
    expect(await compileSamples(samples, { "reader.ts": reader })).toBe("");
  },
  COMPILE_MS,
);
