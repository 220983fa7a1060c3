// Security cases A4, B1 and their like: what a hostile server sends to a client.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { deflateRawSync } from "node:zlib";
import { connect, type ProtocolError, type WebSocketOptions } from "@tidewire/websocket";
import { describe, expect, it } from "vitest";
import { nodePlatform } from "../../src/node-platform.js";
import { until } from "../support/pairs.js";
import {
  acceptance,
  ClientFrames,
  headerOf,
  serverFrame,
  startRawServer,
} from "../support/raw-server.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const SMALL = { messageBytesMax: 1024, messagePiecesMax: 16 };

/** What becomes of a client that is sent `bytes`: its fault, and the close code that it sends. */
async function attack(
  bytes: Uint8Array[],
  options: WebSocketOptions = {},
): Promise<{ fault: string; closeCode: number }> {
  let told: Promise<number> | undefined;
  const server = await startRawServer((socket, request) => {
    const frames = new ClientFrames(socket);
    told = frames.next().then(({ payload }) => payload.readUInt16BE(0));
    const deflated = headerOf(request, "Sec-WebSocket-Extensions") !== undefined;
    const extension = "Sec-WebSocket-Extensions: permessage-deflate";
    const head = acceptance(request, ...(deflated ? [extension] : []));
    socket.write(Buffer.concat([Buffer.from(head), ...bytes]));
    socket.on("end", () => socket.end());
  });
  const client = await connect(server.url, { perMessageDeflate: false, ...options });
  let delivered = 0;
  client.onmessage = () => delivered++;
  await client.closed;
  expect(delivered).toBe(0);
  const { fault } = client.failure as ProtocolError;
  return { fault: fault.code, closeCode: await told! };
}

// What a process keeps since its first long message belongs to none of these connections.
nodePlatform.allocate(64 * 1024);

describe("a hostile server", () => {
  it.each<[string, Uint8Array[], string, number]>([
    ["§5.1 a masked frame", [Buffer.from([0x81, 0x80, 1, 2, 3, 4])], "mask-unexpected", 1002],
    ["§5.2 a reserved bit", [serverFrame(0xc1, "a")], "reserved-bits", 1002],
    ["§5.2 a reserved opcode", [serverFrame(0x83, "a")], "reserved-opcode", 1002],
    ["§5.4 a continuation of nothing", [serverFrame(0x80, "a")], "continuation-unexpected", 1002],
    ["§5.5 a fragmented ping", [serverFrame(0x09, "a")], "control-fragmented", 1002],
    [
      "§8.1 text that is not UTF-8",
      [serverFrame(0x81, Buffer.from([0xff]))],
      "text-not-utf8",
      1007,
    ],
    [
      "§10.4 a message over the limit",
      [serverFrame(0x82, Buffer.alloc(1025))],
      "frame-too-big",
      1009,
    ],
    [
      "§10.4 a message over the limit in parts",
      [serverFrame(0x02, Buffer.alloc(1024)), serverFrame(0x80, "a")],
      "message-too-big",
      1009,
    ],
    [
      "§10.4 a frame that promises 2^62 bytes",
      [Buffer.from([0x82, 127, 0x40, 0, 0, 0, 0, 0, 0, 0])],
      "frame-too-big",
      1009,
    ],
    [
      "A4: empty fragments without end",
      [serverFrame(0x02, ""), ...Array.from({ length: 64 }, () => serverFrame(0x00, ""))],
      "too-many-pieces",
      1008,
    ],
  ])("%s fails the connection", async (_, bytes, fault, closeCode) => {
    expect(await attack(bytes, { limits: SMALL })).toEqual({ fault, closeCode });
  });

  // Security case B1.
  it.each([6_000_000, 100_000_000])("B1: %i zeros, deflated, stop at the limit", async (length) => {
    const bomb = deflateRawSync(Buffer.alloc(length), { finishFlush: 2 }).subarray(0, -4);
    // Nothing may be collected meanwhile that would hide what the attack takes.
    collectGarbage();
    const before = process.memoryUsage().arrayBuffers;
    const outcome = await attack([serverFrame(0xc2, bomb)], { perMessageDeflate: true });
    expect(outcome).toEqual({ fault: "inflated-too-big", closeCode: 1009 });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
  });

  it("§5.5.2 pings without end, never read: the answers are bounded", async () => {
    let sent = 0;
    let done = false;
    const server = await startRawServer((socket, request) => {
      socket.pause();
      socket.write(acceptance(request));
      const pings = Buffer.concat(
        Array.from({ length: 5000 }, () => serverFrame(0x89, Buffer.alloc(125))),
      );
      const more = (): void => {
        sent += 5000;
        if (sent < 400_000 && !socket.destroyed) socket.write(pings, more);
        else done = true;
      };
      more();
    });
    const client = await connect(server.url, { perMessageDeflate: false });
    let pings = 0;
    let most = 0;
    client.addEventListener("close", () => {
      done = true;
    });
    const before = process.memoryUsage().arrayBuffers;
    await until(() => {
      pings++;
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      return done;
    });
    expect(pings).toBeGreaterThan(0);
    expect(most).toBeLessThan(32 * 1024 * 1024);
    expect(client.readyState).toBe(1);
    client.terminate();
  });

  it("a server that hangs up without a Close frame is 1006, and no error", async () => {
    const server = await startRawServer((socket, request) => socket.end(acceptance(request)));
    const client = await connect(server.url);
    expect(await client.closed).toEqual({ code: 1006, reason: "", wasClean: false });
    expect(client.failure).toBeUndefined();
  });

  it("§7.1.1 a server that never hangs up after the closing handshake is cut off", async () => {
    const server = await startRawServer((socket, request) => {
      socket.write(Buffer.concat([Buffer.from(acceptance(request)), serverFrame(0x88, "")]));
      socket.resume();
    });
    const client = await connect(server.url, { closeTimeoutMs: 1 });
    expect(await client.closed).toEqual({ code: 1005, reason: "", wasClean: true });
    await server.gone;
  });
});
