// A client that says hello and then reads nothing more, as raw as the network lets it be: what the hub
// sends it stays with the hub.

import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

/** A hello, in the words of PROTOCOL.md §5.1. */
const hello = JSON.stringify({ type: "hello", version: 1, link: 1 });

/** Resolves once the hub has answered; from then on nothing is read. */
export async function openStuck(
  port: number,
  transport: "websocket" | "sse" | "long-polling",
): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(transport === "websocket" ? upgrade() : post(transport));
  await answered(socket, transport === "websocket" ? "\r\n\r\n" : '"welcome"');
  if (transport === "websocket") {
    socket.write(masked(hello));
    await answered(socket, '"welcome"');
  }
  socket.pause();
  return socket;
}

function upgrade(): string {
  return [
    "GET /tidewire HTTP/1.1",
    "Host: 127.0.0.1",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
    "Sec-WebSocket-Protocol: tidewire.v1.json",
    "\r\n",
  ].join("\r\n");
}

function post(transport: "sse" | "long-polling"): string {
  return [
    `POST /tidewire/${transport === "sse" ? "sse" : "poll"} HTTP/1.1`,
    "Host: 127.0.0.1",
    "Content-Type: application/x-ndjson",
    `Content-Length: ${hello.length + 1}`,
    "",
    `${hello}\n`,
  ].join("\r\n");
}

/** One masked text frame of fewer than 126 bytes (RFC 6455 §5.2). */
function masked(text: string): Uint8Array {
  const mask = randomBytes(4);
  const payload = Buffer.from(text).map((byte, at) => byte ^ mask[at % 4]!);
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length]), mask, payload]);
}

function answered(socket: Socket, words: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = "";
    const read = (chunk: Buffer): void => {
      text += chunk.toString("latin1");
      if (!text.includes(words)) return;
      socket.off("data", read);
      socket.off("close", closed);
      resolve();
    };
    const closed = (): void => reject(new Error(`The hub hung up: ${text.slice(0, 200)}`));
    socket.on("data", read);
    socket.on("close", closed);
  });
}
