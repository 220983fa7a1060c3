/**
 * Both ends against independent implementations: `ws`, undici and Python's websockets, with
 * permessage-deflate on and off. (Chromium is in chromium.test.ts.)
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { connect, type Socket } from "@tidewire/websocket";
import { WebSocket as UndiciWebSocket } from "undici";
import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocketServer as WsServer, WebSocket as WsWebSocket } from "ws";
import {
  expectEchoes,
  expectEchoesInOrder,
  expectFragmentsJoined,
  LARGEST_BYTES,
} from "./corpus.js";
import { startServer } from "./echo-server.js";

const PYTHON = process.env["TIDEWIRE_PYTHON"] ?? "/usr/bin/python3";
const hasPython = existsSync(PYTHON) && (await pythonHasWebsockets());
const TIMEOUT_MS = 60_000;

/** A connection of ours to a peer that echoes; `peerClosed` tells how the peer saw the end. */
interface Link {
  readonly socket: Socket;
  readonly peerClosed: Promise<{ code: number; reason: string }>;
  /** What "fragments" makes the peer answer; undefined where it cannot send fragments. */
  readonly fragments: string | undefined;
}

type Open = (deflate: boolean) => Promise<Link>;

const IN_THREE = "in three 👋 parts";

const PEERS: readonly (readonly [string, Open, boolean])[] = [
  ["client against the server of ws", openToWsServer, true],
  ["client against the server of Python's websockets", openToPythonServer, hasPython],
  ["server against the client of ws", openToWsClient, true],
  ["server against the client of undici", openToUndici, true],
  ["server against the client of Python's websockets", openToPythonClient, hasPython],
];

for (const [name, open, available] of PEERS) {
  for (const deflate of [false, true]) {
    const title = `${name}, permessage-deflate ${deflate ? "on" : "off"}`;
    describe.skipIf(!available)(title, { timeout: TIMEOUT_MS }, () => {
      test("every message of the corpus comes back unchanged, one by one", async () => {
        const { socket } = await open(deflate);
        expect(socket.extensions.includes("permessage-deflate")).toBe(deflate);
        await expectEchoes(socket);
      });

      test("messages sent at once come back in order", async () => {
        const { socket } = await open(deflate);
        await expectEchoesInOrder(socket);
      });

      test("§5.4 fragments that we send arrive as one message, pings between them", async () => {
        const { socket } = await open(deflate);
        await expectFragmentsJoined(socket);
      });

      test("§5.4 fragments that the peer sends arrive as one message", async () => {
        const { socket, fragments } = await open(deflate);
        const messages = socket.messages();
        socket.send("fragments");
        expect((await messages.next()).value).toBe(fragments ?? "fragments");
      });

      test.each([
        [1000, ""],
        [3000, "registered"],
        [4999, "ünïcode 👋 reason"],
      ])("§7.1 our close with %i is clean and the peer sees it", async (code, reason) => {
        const { socket, peerClosed } = await open(deflate);
        socket.close(code, reason);
        expect(await socket.closed).toMatchObject({ code, wasClean: true });
        expect(await peerClosed).toEqual({ code, reason });
      });

      test.each([
        [1000, "done"],
        [3999, "registered"],
        [4000, "ünïcode 👋 reason"],
      ])("§7.1 the peer's close with %i is clean and we see it", async (code, reason) => {
        const { socket } = await open(deflate);
        socket.send(`close ${code} ${reason}`);
        expect(await socket.closed).toEqual({ code, reason, wasClean: true });
      });
    });
  }
}

async function openToWsServer(deflate: boolean): Promise<Link> {
  const server = new WsServer({
    port: 0,
    host: "127.0.0.1",
    maxPayload: LARGEST_BYTES + 1,
    perMessageDeflate: deflate ? { threshold: 0 } : false,
  });
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const accepted = once(server, "connection");
  const { port } = server.address() as { port: number };
  const socket = await openClient(`ws://127.0.0.1:${port}/`, deflate);
  const [peer] = (await accepted) as [WsWebSocket];
  return { socket, peerClosed: echoWithWs(peer), fragments: IN_THREE };
}

async function openToPythonServer(deflate: boolean): Promise<Link> {
  const python = startPython("serve", deflate);
  const port = (await python.line("port ")).slice("port ".length);
  const socket = await openClient(`ws://127.0.0.1:${port}/`, deflate);
  return { socket, peerClosed: python.closed(), fragments: IN_THREE };
}

async function openToWsClient(deflate: boolean): Promise<Link> {
  const { url, accepted } = await startServer(deflate);
  const peer = new WsWebSocket(url, {
    maxPayload: LARGEST_BYTES + 1,
    perMessageDeflate: deflate ? { threshold: 0 } : false,
  });
  const peerClosed = echoWithWs(peer);
  return { socket: await accepted, peerClosed, fragments: IN_THREE };
}

async function openToUndici(deflate: boolean): Promise<Link> {
  const { url, accepted } = await startServer(deflate);
  const peer = new UndiciWebSocket(url);
  peer.binaryType = "arraybuffer";
  peer.onmessage = ({ data }: { data: string | ArrayBuffer }) => {
    if (
      typeof data !== "string" ||
      !closeAsTold(data, (code, reason) => peer.close(code, reason))
    ) {
      peer.send(data);
    }
  };
  const peerClosed = new Promise<{ code: number; reason: string }>((resolve) => {
    peer.onclose = ({ code, reason }: { code: number; reason: string }) =>
      resolve({ code, reason });
  });
  return { socket: await accepted, peerClosed, fragments: undefined };
}

async function openToPythonClient(deflate: boolean): Promise<Link> {
  const { url, accepted } = await startServer(deflate);
  const python = startPython("connect", deflate, url);
  return { socket: await accepted, peerClosed: python.closed(), fragments: IN_THREE };
}

async function openClient(url: string, deflate: boolean): Promise<Socket> {
  const socket = await connect(url, {
    perMessageDeflate: deflate,
    limits: { messageBytesMax: LARGEST_BYTES + 1 },
  });
  onTestFinished(() => socket.terminate());
  return socket;
}

function echoWithWs(peer: WsWebSocket): Promise<{ code: number; reason: string }> {
  peer.on("message", (data: Buffer, isBinary: boolean) => {
    const text = data.toString();
    if (!isBinary && closeAsTold(text, (code, reason) => peer.close(code, reason))) return;
    if (!isBinary && text === "fragments") {
      peer.send("in ", { fin: false });
      peer.send("three ", { fin: false });
      peer.send("👋 parts", { fin: true });
    } else peer.send(data, { binary: isBinary });
  });
  return new Promise((resolve) => {
    peer.on("close", (code: number, reason: Buffer) => resolve({ code, reason: String(reason) }));
  });
}

function closeAsTold(text: string, close: (code: number, reason: string) => void): boolean {
  const told = /^close (\d+) (.*)$/.exec(text);
  if (told === null) return false;
  close(Number(told[1]), told[2]!);
  return true;
}

/** Python as a child process; the end of its standard input ends it. */
function startPython(role: "serve" | "connect", deflate: boolean, url?: string) {
  const script = fileURLToPath(new URL("python-peer.py", import.meta.url));
  const compression = deflate ? "deflate" : "none";
  const child = spawn(PYTHON, [script, role, compression, ...(url === undefined ? [] : [url])], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => endProcess(child));
  const lines = createInterface({ input: child.stdout });
  const seen: string[] = [];
  lines.on("line", (line) => seen.push(line));

  async function line(start: string): Promise<string> {
    for (;;) {
      const found = seen.find((one) => one.startsWith(start));
      if (found !== undefined) return found;
      await once(lines, "line");
    }
  }
  return {
    line,
    async closed() {
      const [, code, ...reason] = (await line("closed ")).split(" ");
      return { code: Number(code), reason: reason.join(" ") };
    },
  };
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.stdin?.end();
  child.kill();
  await once(child, "exit");
}

async function pythonHasWebsockets(): Promise<boolean> {
  const child = spawn(PYTHON, ["-c", "import websockets"], { stdio: "ignore" });
  const [code] = await once(child, "exit");
  return code === 0;
}
