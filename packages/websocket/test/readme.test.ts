/** What the README shows is true of the package as it is. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { connect, WebSocketServer } from "@tidewire/websocket";
import { expect, onTestFinished, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

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

const OPTIONS = {
  extends: join(ROOT, "tsconfig.base.json"),
  compilerOptions: {
    noEmit: true,
    composite: false,
    incremental: false,
    emitDeclarationOnly: false,
    isolatedDeclarations: false,
    noUnusedLocals: false,
    skipLibCheck: true,
    types: ["node"],
    typeRoots: [join(ROOT, "node_modules/@types")],
    customConditions: [],
    paths: {
      "@tidewire/websocket": [join(ROOT, "packages/websocket/src/index.ts")],
      "@tidewire/ws-protocol": [join(ROOT, "packages/ws-protocol/src/index.ts")],
    },
  },
  include: ["*.ts"],
};

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const blocks = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block]) => block!);

test("the first example of the README runs, and leaves nothing open", async () => {
  const [, body] = blocks[0]!.split('from "@tidewire/websocket";');
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  const lines: unknown[] = [];
  const run = new AsyncFunction("connect", "WebSocketServer", "console", body!);
  await run(connect, WebSocketServer, { log: (line: unknown) => lines.push(line) });
  expect(lines).toEqual(["hello"]);
});

test("the examples of the README compile", async () => {
  expect(blocks.length).toBeGreaterThan(8);
  const folder = mkdtempSync(join(tmpdir(), "readme-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(join(ROOT, "node_modules/@types"), join(folder, "node_modules/@types"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(OPTIONS));
  writeFileSync(join(folder, "reader.ts"), READER);
  for (const [index, block] of blocks.entries()) {
    writeFileSync(join(folder, `block-${index + 1}.ts`), `${block}\nexport {};\n`);
  }
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const run = promisify(execFile)(process.execPath, [tsc, "-p", folder]);
  const output = await run.then(
    () => "",
    ({ stdout }: { stdout: string }) => stdout,
  );
  expect(output).toBe("");
});
