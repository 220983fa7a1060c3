// The limit of `node:net`: counts bytes and answers fixed ones, without reading the protocol. What
// this costs, every server on Node's sockets has to pay. With deflate it says what the others say,
// compressed beforehand.

import { type AddressInfo, createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { createFrame, headerBytes } from "../load/frame.js";
import { answerRequest } from "../load/handshake.js";
import { compressedRecords } from "../load/requests.js";
import { createPayload } from "../payload.js";
import { announce, readSettings } from "./settings.js";

const settings = readSettings();
const { payloadBytes, opcode } = settings;
const closing = Buffer.from([0x88, 2, 3, 0xe8]);
const subscribers = new Set<Socket>();

/** What is asked and answered, round and round. */
interface Exchange {
  readonly requestBytes: number;
  readonly reply: Buffer;
}

const exchanges: readonly Exchange[] =
  settings.deflate === "off"
    ? [
        {
          requestBytes: headerBytes(payloadBytes) + 4 + payloadBytes,
          reply: createFrame(createPayload(payloadBytes), { opcode, masked: false }),
        },
      ]
    : compressedRecords(payloadBytes).map((record) => ({
        requestBytes: headerBytes(record.length) + 4 + record.length,
        reply: createFrame(record, { opcode, masked: false, compressed: true }),
      }));

const serve = (socket: Socket): void => {
  socket.setNoDelay(true);
  socket.on("error", () => {});
  socket.on("close", () => subscribers.delete(socket));
  socket.once("data", (request: Buffer) => {
    const head = request.toString("latin1");
    socket.write(answerRequest(head, settings.deflate));
    if (settings.mode === "fanout" && head.startsWith("GET /subscribe")) subscribers.add(socket);
    countBytes(socket);
  });
};

function countBytes(socket: Socket): void {
  let received = 0;
  let next = 0;
  socket.on("data", (chunk: Buffer) => {
    // A close frame is the only thing that the load sends in so few bytes.
    if (received === 0 && chunk.length === 8 && chunk[0] === 0x88) {
      socket.end(closing);
      return;
    }
    received += chunk.length;
    const { requestBytes, reply } = exchanges[next]!;
    if (received < requestBytes) return;
    const count = exchanges.length === 1 ? Math.floor(received / requestBytes) : 1;
    received -= count * requestBytes;
    next = (next + 1) % exchanges.length;
    const answer = count === 1 ? reply : repeat(reply, count);
    if (settings.mode === "echo") socket.write(answer);
    else for (const subscriber of subscribers) subscriber.write(answer);
  });
}

const repeated = new Map<number, Buffer>();

function repeat(reply: Buffer, count: number): Buffer {
  let answer = repeated.get(count);
  if (answer === undefined) {
    answer = Buffer.concat(Array.from({ length: count }, () => reply));
    repeated.set(count, answer);
  }
  return answer;
}

const server =
  settings.tls === undefined ? createServer(serve) : createTlsServer(settings.tls, serve);
server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
  announce((server.address() as AddressInfo).port);
});
