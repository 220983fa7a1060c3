// The limit of `node:net` for a hub: looks at nothing but how long a frame is, and answers with bytes
// that were made when the first of that length came. It is no hub (it keeps nothing, checks nothing,
// acknowledges nothing); what it costs, every hub on Node's sockets has to pay.

import { type AddressInfo, createServer, type Socket } from "node:net";
import { createFrame, Opcode } from "../load/frame.js";
import { answerRequest } from "../load/handshake.js";
import { announce } from "./settings.js";

/** What is to be done about frames of one length. */
interface Answer {
  readonly toAll: boolean;
  /** The answer to one, to two, … such frames that came together. */
  readonly frames: Buffer[];
}

const subscribers = new Set<Socket>();
const answers = new Map<number, Answer | undefined>();
const welcome = frameOf({
  type: "welcome",
  answer: "fresh",
  session: "raw",
  secret: "raw",
  position: 0,
});

const server = createServer((socket) => {
  socket.setNoDelay(true);
  socket.on("error", () => {});
  socket.on("close", () => subscribers.delete(socket));
  socket.once("data", (request: Buffer) => {
    const end = "Sec-WebSocket-Protocol: tidewire.v1.json\r\n\r\n";
    socket.write(answerRequest(request.toString("latin1")).slice(0, -2) + end);
    subscribers.add(socket);
    answerFrames(socket);
  });
});

function answerFrames(socket: Socket): void {
  let rest: Buffer | undefined;
  socket.on("data", (chunk: Buffer) => {
    const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (at < bytes.length) {
      const length = frameLength(bytes, at);
      if (Number.isNaN(length) || at + length > bytes.length) break;
      // Those of one length that stand together are answered together.
      let count = 1;
      while (frameLength(bytes, at + count * length) === length) count += 1;
      count = Math.min(count, Math.floor((bytes.length - at) / length));
      answer(socket, bytes.subarray(at, at + length), count);
      at += count * length;
    }
    rest = at === bytes.length ? undefined : bytes.subarray(at);
  });
}

/** RFC 6455 §5.2, of a masked frame of up to 64 KiB; NaN while its header is not there. */
function frameLength(bytes: Buffer, at: number): number {
  const short = bytes[at + 1]! & 0x7f;
  if (short < 126) return 6 + short;
  return 8 + bytes[at + 2]! * 256 + bytes[at + 3]!;
}

function answer(socket: Socket, frame: Buffer, count: number): void {
  let found = answers.get(frame.length);
  if (found === undefined && !answers.has(frame.length)) {
    found = createAnswer(frame);
    answers.set(frame.length, found);
  }
  if (found === undefined) return;
  const bytes = found.frames[count - 1] ?? repeat(found.frames, count);
  if (!found.toAll) socket.write(bytes);
  else for (const subscriber of subscribers) subscriber.write(bytes);
}

function createAnswer(frame: Buffer): Answer | undefined {
  const { type, id, name, data } = readPacket(frame);
  if (type === "hello") return { toAll: false, frames: [welcome] };
  if (type === "request") return { toAll: false, frames: [frameOf({ type: "reply", id, data })] };
  if (type !== "event") return undefined;
  const toAll = name === "say";
  return { toAll, frames: [frameOf({ type, name: toAll ? "said" : name, data })] };
}

function readPacket(frame: Buffer): Record<string, unknown> {
  const start = (frame[1]! & 0x7f) < 126 ? 6 : 8;
  const payload = frame
    .subarray(start)
    .map((byte, index) => byte ^ frame[start - 4 + (index & 3)]!);
  return JSON.parse(payload.toString()) as Record<string, unknown>;
}

function repeat(frames: Buffer[], count: number): Buffer {
  const all = Buffer.concat(Array.from({ length: count }, () => frames[0]!));
  frames[count - 1] = all;
  return all;
}

function frameOf(packet: object): Buffer {
  return createFrame(Buffer.from(JSON.stringify(packet)), { opcode: Opcode.text, masked: false });
}

server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
  announce((server.address() as AddressInfo).port);
});
