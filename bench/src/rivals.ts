// Who takes part: how each is started, what it can do, and why it is left out where it cannot run.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Launch } from "./child.js";
import type { ServerSettings } from "./servers/settings.js";

export type Feature = "messages" | "deflate" | "context" | "tls";

export interface Rival {
  readonly name: string;
  readonly features: readonly Feature[];
  /** Its version; or why it cannot run, as a thrown error. */
  version(): string;
  launch(settings: ServerSettings): Omit<Launch, "core">;
}

const folder = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(import.meta.url);

/** In the order of the tables. `ws` is what ratios are taken to. */
export const reference = "ws";

/** Ours under the streams of `node:net`: targets are those of `tidewire`, and judged for it beside. */
export const directName = "tidewire+direct";

/** What does not read the protocol: what Node's sockets cost for the same bytes, and thus the limit. */
export const limitName = "raw-node";

export const rivals: readonly Rival[] = [
  onNode("tidewire", "tidewire.js", ["deflate", "context", "tls"], () =>
    packageVersion("@tidewire/websocket"),
  ),
  onNode(
    directName,
    "tidewire.js",
    ["deflate", "context"],
    () => packageVersion("@tidewire/websocket"),
    undefined,
    { directIo: true },
  ),
  onNode("ws", "ws.js", ["deflate", "context", "tls"], () => packageVersion("ws"), {
    WS_NO_BUFFER_UTIL: "1",
  }),
  onNode("ws+bufferutil", "ws.js", ["deflate", "context", "tls"], () => {
    require("bufferutil");
    return `${packageVersion("ws")} + ${packageVersion("bufferutil")}`;
  }),
  onNode("websocket", "websocket.js", ["tls"], () => packageVersion("websocket")),
  onNode("faye-websocket", "faye-websocket.js", ["tls"], () => packageVersion("faye-websocket")),
  {
    name: "bun",
    features: ["messages", "deflate", "context", "tls"],
    version: () => binaryVersion(`${folder}node_modules/.bin/bun`),
    launch: (settings) => ({
      command: `${folder}node_modules/bun/bin/bun.exe`,
      arguments: ["run", script("bun.js"), JSON.stringify(settings)],
    }),
  },
  {
    name: "deno",
    features: ["messages", "tls"],
    version: () => binaryVersion(denoBinary()).split(" ")[1] ?? "",
    launch: (settings) => ({
      command: denoBinary(),
      arguments: ["run", "--allow-all", "--no-lock", script("deno.js"), JSON.stringify(settings)],
      environment: { DENO_NO_UPDATE_CHECK: "1" },
    }),
  },
  onNode(limitName, "raw-node.js", ["deflate", "tls"], () => process.version),
  {
    name: "raw-c",
    features: ["messages"],
    version: compileRaw,
    launch: ({ mode, opcode, payloadBytes }) => ({
      command: `${folder}dist/native/raw-echo`,
      arguments: [mode, String(opcode), String(payloadBytes)],
    }),
  },
];

function onNode(
  name: string,
  file: string,
  features: readonly Feature[],
  version: () => string,
  environment?: Record<string, string>,
  further?: Partial<ServerSettings>,
): Rival {
  return {
    name,
    features: ["messages", ...features],
    version,
    launch: (settings) => ({
      command: process.execPath,
      arguments: ["--no-warnings", script(file), JSON.stringify({ ...settings, ...further })],
      environment,
    }),
  };
}

function script(file: string): string {
  return fileURLToPath(new URL(`./servers/${file}`, import.meta.url));
}

/** Some packages do not export their `package.json`, so it is looked for beside what they export. */
export function packageVersion(name: string): string {
  for (const root of require.resolve.paths(name) ?? []) {
    try {
      return (JSON.parse(readFileSync(`${root}/${name}/package.json`, "utf8")) as Versioned)
        .version;
    } catch {
      // The next folder.
    }
  }
  throw new Error(`The package ${name} is not installed.`);
}

interface Versioned {
  readonly version: string;
}

function binaryVersion(path: string): string {
  return execFileSync(path, ["--version"], { encoding: "utf8", stdio: "pipe" }).split("\n")[0]!;
}

/** The package `deno` only starts this binary, as a child whose CPU time would not be counted. */
function denoBinary(): string {
  return `${folder}node_modules/@deno/linux-${process.arch}-glibc/deno`;
}

function compileRaw(): string {
  const target = `${folder}dist/native`;
  mkdirSync(target, { recursive: true });
  const source = `${folder}native/raw-echo.c`;
  execFileSync("cc", ["-O2", "-o", `${target}/raw-echo`, source], { stdio: "pipe" });
  return execFileSync("cc", ["--version"], { encoding: "utf8" }).split("\n")[0]!;
}
