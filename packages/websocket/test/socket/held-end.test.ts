/** What arrived before the end of the stream is delivered, however long nobody takes it. */
import { once } from "node:events";
import { connect as connectTcp, type Socket as NetSocket } from "node:net";
import { constants, deflateRawSync } from "node:zlib";
import { connect, type Socket, type SocketHandlers, WebSocketServer } from "@tidewire/websocket";
import { describe, expect, onTestFinished, test } from "vitest";
import { headOf, UPGRADE_LINES } from "../server/raw-client.js";
import { startHttp } from "../server/started.js";
import { until } from "../support/pairs.js";
import { acceptance, startRawServer } from "../support/raw-server.js";

type Report = string | readonly [code: number, wasClean: boolean];

interface Ended {
  readonly socket: Socket;
  readonly reports: Report[];
}

const DEFLATE = "permessage-deflate";
const PLAIN = [frame(0x81, "one"), frame(0x81, "two"), frame(0x82, "three"), close()];

/** A frame without a mask, or with one of zeros. */
function frame(first: number, payload: string | Uint8Array) {
  return (masked: boolean): Buffer => {
    const bytes = Buffer.from(payload as string);
    const { length } = bytes;
    const short = length < 126 ? [length] : [126, length >> 8, length & 0xff];
    short[0]! |= masked ? 0x80 : 0;
    return Buffer.concat([Buffer.from([first, ...short]), Buffer.alloc(masked ? 4 : 0), bytes]);
  };
}

function close() {
  return frame(0x88, Uint8Array.of(0x03, 0xe8));
}

/** Handlers that pause at each message. */
function handlers(reports: Report[], pausing: boolean): SocketHandlers<Socket> {
  return {
    message: (socket, data) => {
      reports.push(Buffer.from(data as string).toString());
      if (pausing) socket.pause();
    },
    close: (_socket, code, _reason, wasClean) => reports.push([code, wasClean]),
  };
}

type Frames = readonly ReturnType<typeof frame>[];

/** A server whose peer sends all of `frames` and its FIN in one packet, which have arrived. */
async function endedServer(frames: Frames, pausing: boolean): Promise<Ended> {
  const reports: Report[] = [];
  const { http, port } = await startHttp();
  let netSocket!: NetSocket;
  http.on("connection", (one) => {
    netSocket = one;
  });
  const perMessageDeflate = { syncBytesMax: 1 };
  // Below streams an end that nobody has read yet waits in the kernel, and a test cannot see it.
  const server = new WebSocketServer({
    handlers: handlers(reports, pausing),
    perMessageDeflate,
    directIo: false,
  });
  onTestFinished(() => server.close({ timeoutMs: 0 }));
  server.attach(http);
  const peer = connectTcp(port, "127.0.0.1");
  onTestFinished(() => void peer.destroy());
  const offer = `Sec-WebSocket-Extensions: ${DEFLATE}; client_no_context_takeover`;
  peer.write(headOf("GET / HTTP/1.1", ["Host: localhost", ...UPGRADE_LINES, offer]));
  await once(peer, "data");
  peer.resume();
  const [socket] = server.connections;
  peer.end(Buffer.concat(frames.map((one) => one(true))));
  await until(() => netSocket.readableEnded);
  return { socket: socket!, reports };
}

/** A client of which the same is true. */
async function endedClient(frames: Frames, pausing: boolean): Promise<Ended> {
  const reports: Report[] = [];
  let peer!: NetSocket;
  const { port } = await startRawServer((socket, request) => {
    peer = socket;
    const answer = `${DEFLATE}; server_no_context_takeover`;
    socket.write(acceptance(request, `Sec-WebSocket-Extensions: ${answer}`));
  });
  let netSocket!: NetSocket;
  const socket = await connect(`ws://127.0.0.1:${port}/`, {
    createConnection: () => {
      netSocket = connectTcp(port, "127.0.0.1");
      return netSocket;
    },
    handlers: handlers(reports, pausing),
    perMessageDeflate: { syncBytesMax: 1 },
    directIo: false,
  });
  onTestFinished(() => socket.terminate());
  peer.end(Buffer.concat(frames.map((one) => one(false))));
  await until(() => netSocket.readableEnded);
  // Node closes a socket whose both sides have ended, before anybody has resumed.
  await until(() => netSocket.closed);
  return { socket, reports };
}

describe.each([
  ["server", endedServer],
  ["client", endedClient],
] as const)("a %s whose peer sent messages, Close and FIN", (_role, ended) => {
  test("gets them all, one pause after the other, and then the close", async () => {
    const { socket, reports } = await ended(PLAIN, true);
    expect(reports).toEqual(["one"]);
    expect(socket.readyState).toBe(1);
    for (const next of ["two", "three"]) {
      socket.resume();
      expect(reports.at(-1)).toBe(next);
    }
    socket.resume();
    await socket.closed;
    expect(reports).toEqual(["one", "two", "three", [1000, true]]);
  });

  test("gets what was being inflated when the stream ended", async () => {
    const text = "all that is inflated elsewhere ".repeat(100);
    const flushed = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH });
    const compressed = frame(0xc1, flushed.subarray(0, -4));
    const { socket, reports } = await ended([compressed, frame(0x81, "two"), close()], false);
    await socket.closed;
    expect(reports).toEqual([text, "two", [1000, true]]);
  });

  test("sees 1006 behind the messages when there was no Close", async () => {
    const { socket, reports } = await ended(PLAIN.slice(0, 2), true);
    socket.resume();
    socket.resume();
    await socket.closed;
    expect(reports).toEqual(["one", "two", [1006, false]]);
  });

  test("does not wait for room to send where there is nobody any more", async () => {
    const { socket, reports } = await ended(PLAIN, true);
    const sent: Promise<unknown>[] = [];
    for (let count = 0; count < 100; count++) {
      const room = socket.send(new Uint8Array(100_000));
      if (room !== undefined) sent.push(room);
    }
    socket.sendStream(["last"]).catch(() => {});
    await Promise.allSettled(sent);
    for (let count = 0; count < 3; count++) socket.resume();
    await socket.closed;
    expect(reports.slice(0, 3)).toEqual(["one", "two", "three"]);
  });

  test("can terminate instead of taking them", async () => {
    const { socket, reports } = await ended(PLAIN, true);
    socket.terminate();
    await socket.closed;
    expect(reports).toEqual(["one", [1006, false]]);
  });
});
