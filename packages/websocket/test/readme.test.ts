/** What the README shows is true of the package as it is. */

import { COMPILE_MS, compileSamples, samplesOf } from "@tidewire/test-support";
import { connect, WebSocketServer } from "@tidewire/websocket";
import { expect, test } from "vitest";

/** What the examples leave to the reader. */
const READER = `
import type { RequestListener } from "node:http";
import type { Writable } from "node:stream";
import type { SendData, Socket, WebSocketServer } from "@tidewire/websocket";
declare global {
  const app: RequestListener;
  const data: SendData;
  const file: Writable;
  const server: WebSocketServer;
  const socket: Socket;
  const token: string;
  const tokens: AsyncIterable<string>;
  const url: string;
  function whoIs(cookie: string | undefined, signal: AbortSignal): Promise<{ name: string } | undefined>;
}
`;

const samples = samplesOf(new URL("../README.md", import.meta.url));

test("the first example of the README runs, and leaves nothing open", async () => {
  const [, body] = samples[0]!.text.split('from "@tidewire/websocket";');
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  const lines: unknown[] = [];
  const run = new AsyncFunction("connect", "WebSocketServer", "console", body!);
  await run(connect, WebSocketServer, { log: (line: unknown) => lines.push(line) });
  expect(lines).toEqual(["hello"]);
});

test(
  "the examples of the README compile",
  async () => {
    expect(samples.length).toBeGreaterThan(8);
    expect(await compileSamples(samples, { "reader.ts": READER })).toBe("");
  },
  COMPILE_MS,
);
