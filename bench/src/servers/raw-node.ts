// The limit of `node:net`: counts bytes and answers fixed ones, without reading the protocol. What
// this costs, every server on Node's sockets has to pay.

import { type AddressInfo, createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { createFrame, headerBytes } from "../load/frame.js";
import { answerRequest } from "../load/handshake.js";
import { createPayload } from "../payload.js";
import { announce, readSettings } from "./settings.js";

const settings = readSettings();
const { payloadBytes, opcode } = settings;
const requestBytes = headerBytes(payloadBytes) + 4 + payloadBytes;
const reply = createFrame(createPayload(payloadBytes), { opcode, masked: false });
const closing = Buffer.from([0x88, 2, 3, 0xe8]);
const subscribers = new Set<Socket>();

const serve = (socket: Socket): void => {
  socket.setNoDelay(true);
  socket.on("error", () => {});
  socket.on("close", () => subscribers.delete(socket));
  socket.once("data", (request: Buffer) => {
    const head = request.toString("latin1");
    socket.write(answerRequest(head));
    if (settings.mode === "fanout" && head.startsWith("GET /subscribe")) subscribers.add(socket);
    countBytes(socket);
  });
};

function countBytes(socket: Socket): void {
  let received = 0;
  socket.on("data", (chunk: Buffer) => {
    // A close frame is the only thing that the load sends in so few bytes.
    if (received === 0 && chunk.length === 8 && chunk[0] === 0x88) {
      socket.end(closing);
      return;
    }
    received += chunk.length;
    if (received < requestBytes) return;
    const count = Math.floor(received / requestBytes);
    received -= count * requestBytes;
    const answer = repeat(count);
    if (settings.mode === "echo") socket.write(answer);
    else for (const subscriber of subscribers) subscriber.write(answer);
  });
}

const repeated = new Map<number, Buffer>([[1, reply]]);

function repeat(count: number): Buffer {
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
