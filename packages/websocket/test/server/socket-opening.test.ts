import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { SocketOpening } from "@tidewire/websocket";
import { expect, onTestFinished, test } from "vitest";
import { nextMessage, openClient, refusedClient, startServer } from "./started.js";

function watchOpenings(): SocketOpening[] {
  const openings: SocketOpening[] = [];
  const note = (message: unknown) => openings.push(message as SocketOpening);
  subscribe("tidewire.websocket.open", note);
  onTestFinished(() => {
    unsubscribe("tidewire.websocket.open", note);
  });
  return openings;
}

test("subscribers are told of each connection that opens, before a byte is written", async () => {
  const chunks: Buffer[] = [];
  const written: number[] = [];
  const note = (message: unknown) => {
    const { netSocket } = message as SocketOpening;
    written.push(netSocket.bytesWritten);
    netSocket.prependListener("data", (chunk: Buffer) => chunks.push(Buffer.from(chunk)));
  };
  subscribe("tidewire.websocket.open", note);
  onTestFinished(() => {
    unsubscribe("tidewire.websocket.open", note);
  });
  const openings = watchOpenings();
  const { url } = await startServer({
    handlers: { message: (socket, data) => void socket.send(data) },
  });
  const client = await openClient(`${url}/path?query`);
  const [opening] = openings;
  expect(opening?.request.url).toBe("/path?query");
  expect(opening?.response).toMatch(
    /^HTTP\/1\.1 101 [\s\S]*Sec-WebSocket-Accept: [\s\S]*\r\n\r\n$/,
  );
  expect(written).toEqual([0]);
  const echo = nextMessage(client);
  client.send("Hello");
  expect(await echo).toBe("Hello");
  const [first = 0, second = 0, ...rest] = Buffer.concat(chunks);
  expect([first, second]).toEqual([0x81, 0x85]);
  // As on the wire: masked.
  const [key, payload] = [rest.slice(0, 4), rest.slice(4)];
  expect(String.fromCharCode(...payload.map((byte, at) => byte ^ (key[at % 4] ?? 0)))).toBe(
    "Hello",
  );
});

test("they are not told of requests that are refused", async () => {
  const openings = watchOpenings();
  const { url } = await startServer({ authenticate: () => undefined });
  expect((await refusedClient(url)).status).toBe(403);
  expect(openings).toEqual([]);
});
