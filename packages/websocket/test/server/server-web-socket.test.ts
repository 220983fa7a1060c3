/** What a server's socket does while it opens, and what it knows. */
import type { ServerWebSocket } from "@tidewire/websocket";
import { expect, test } from "vitest";
import { RawClient, requestHead } from "./raw-client.js";
import { Channel, closeOf, nextMessage, openClient, startServer } from "./started.js";

test("§4.2.2 the 101 goes before what open sends, and leaves with it in one write", async () => {
  const { port } = await startServer({
    handlers: {
      open: (socket) => {
        void socket.send("one");
        void socket.send("two");
      },
    },
  });
  const client = new RawClient(port);
  let chunks = 0;
  client.socket.on("data", () => chunks++);
  client.write(requestHead());
  expect((await client.bodyBytes(10)).toString("latin1")).toBe("\x81\x03one\x81\x03two");
  expect(chunks).toBe(1);
  await client.hangUp();
});

test("a large first message keeps its place behind the 101", async () => {
  const large = "x".repeat(1_000_000);
  const { port } = await startServer({
    handlers: {
      open: (socket) => {
        void socket.send(large);
        void socket.send("after");
      },
    },
  });
  const client = new RawClient(port);
  client.write(requestHead());
  const body = await client.bodyBytes(10 + large.length + 7);
  expect(client.answer().status).toBe(101);
  expect([body[0], body[1], body.subarray(-5).toString()]).toEqual([0x81, 127, "after"]);
  await client.hangUp();
});

test.each([
  ["close", (socket: ServerWebSocket) => socket.close(4000, "no"), 4000],
  ["terminate", (socket: ServerWebSocket) => socket.terminate(), 1006],
])("%s in open ends the connection", async (_name, open, code) => {
  const closed = new Channel<number>();
  const { server, url } = await startServer({
    handlers: { open, close: (_socket, seen) => closed.put(seen) },
  });
  const client = await openClient(url).catch(() => undefined);
  if (code === 4000) expect((await closeOf(client!)).code).toBe(4000);
  await closed.take();
  expect(server.connections.size).toBe(0);
});

test.each([
  [
    "throws",
    () => {
      throw new Error("broken");
    },
  ],
  ["rejects", () => Promise.reject(new Error("broken"))],
])("§7.4.1 an open that %s closes with 1011, and the error surfaces", async (_name, open) => {
  const surfaced = takeUncaught();
  const { url } = await startServer({ handlers: { open } });
  expect((await closeOf(await openClient(url))).code).toBe(1011);
  expect((await surfaced).message).toBe("broken");
});

test("a socket knows where it came from, also when it is closed", async () => {
  const opened = new Channel<ServerWebSocket>();
  const { url } = await startServer({ subprotocols: ["a"], handlers: { open: opened.put } });
  const client = await openClient(`${url}/chat?room=1`, { protocols: ["a"] });
  const socket = await opened.take();
  const facts = { url: "/chat?room=1", protocol: "a", extensions: "", remoteAddress: "127.0.0.1" };
  expect(socket).toMatchObject(facts);
  const closed = closeOf(client);
  socket.close();
  await closed;
  await socket.closed;
  expect(socket).toMatchObject(facts);
});

test("a server's socket has every interface of a socket", async () => {
  const ended = new Channel<number>();
  const { url } = await startServer({
    handlers: {
      open: (socket) => {
        void (async () => {
          let count = 0;
          for await (const message of socket) {
            count++;
            void socket.send(`loop ${message}`);
          }
          ended.put(count);
        })();
      },
    },
  });
  const client = await openClient(url);
  const answer = nextMessage(client);
  client.send("hi");
  expect(await answer).toBe("loop hi");
  client.close(1000);
  expect(await ended.take()).toBe(1);
});

/** The next uncaught exception of this process, which then is caught. */
function takeUncaught(): Promise<Error> {
  const listeners = process.rawListeners("uncaughtException") as ((error: Error) => void)[];
  process.removeAllListeners("uncaughtException");
  return new Promise((resolve) => {
    process.once("uncaughtException", (error) => {
      for (const listener of listeners) process.on("uncaughtException", listener);
      resolve(error);
    });
  });
}
