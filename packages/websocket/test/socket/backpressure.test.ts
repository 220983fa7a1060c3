// Security and pains: a peer that does not read costs a bounded amount, and the sender is told.
import type { Socket as NetSocket } from "node:net";
import { connect, SendQueueFullError, type WebSocketOptions } from "@tidewire/websocket";
import { expect, it } from "vitest";
import { openPair, ROLES, turn, until } from "../support/pairs.js";
import { acceptance, ClientFrames, startRawServer } from "../support/raw-server.js";

const CHUNK = new Uint8Array(256 * 1024);

/** A client whose server reads nothing until `read` is called. */
async function openUnread(options: WebSocketOptions = {}) {
  let peer!: NetSocket;
  const server = await startRawServer((socket, request) => {
    peer = socket;
    socket.pause();
    socket.write(acceptance(request));
  });
  const client = await connect(server.url, { perMessageDeflate: false, ...options });
  return { client, peer };
}

it("send() asks to wait when the peer does not read, and goes on when it does", async () => {
  const { client, peer } = await openUnread();
  let room: Promise<void> | undefined;
  let sent = 0;
  while (room === undefined) {
    room = client.send(CHUNK);
    sent += CHUNK.length;
    await turn();
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  }
  const before = client.bufferedAmount;
  expect(before).toBeGreaterThan(64 * 1024);
  expect(before).toBeLessThanOrEqual(sent);
  client.send("12345");
  expect(client.bufferedAmount).toBe(before + 5);
  peer.resume();
  await room;
  await until(() => client.bufferedAmount === 0);
  client.terminate();
});

it("hasRoom() says what bufferedAmount does, to the byte", async () => {
  const { client, peer } = await openUnread();
  const check = (): void => {
    const waiting = client.bufferedAmount;
    expect(client.hasRoom(waiting)).toBe(false);
    expect(client.hasRoom(waiting + 1)).toBe(true);
  };
  check();
  client.send("12345");
  expect(client.bufferedAmount).toBe(5);
  check();
  while (client.bufferedAmount < 1024 * 1024) {
    client.send(CHUNK);
    check();
    await turn();
    check();
  }
  peer.resume();
  await until(() => client.bufferedAmount === 0);
  client.send(new Blob(["123"]));
  client.send("behind the Blob");
  check();
  await until(() => client.bufferedAmount === 0);
  client.terminate();
  client.send("too late");
  expect(client.bufferedAmount).toBe(8);
  check();
});

it("an awaiting sender never holds much", async () => {
  const { client, peer } = await openUnread();
  const chunk = new Uint8Array(10_000);
  let most = 0;
  let sent = 0;
  const sending = (async () => {
    for (let i = 0; i < 2000; i++) {
      await client.send(chunk);
      sent++;
      most = Math.max(most, client.bufferedAmount);
    }
  })();
  for (let i = 0; i < 200; i++) await turn();
  expect(sent).toBeLessThan(2000);
  peer.resume();
  await sending;
  expect(most).toBeLessThan(256 * 1024);
  client.terminate();
});

it.each(ROLES)(
  "pause() of the peer stops a %s that awaits, resume() lets it go on",
  async (_, roles) => {
    let received = 0;
    const handlers = {
      message: (_socket: unknown, data: string | Uint8Array) => {
        received += data.length;
      },
    };
    const [socket, peer] = roles(await openPair({ handlers }, { handlers }));
    peer.pause();
    expect(peer.isPaused).toBe(true);
    let sent = 0;
    const sending = (async () => {
      for (let i = 0; i < 100; i++) {
        await socket.send(CHUNK);
        sent += CHUNK.length;
      }
    })();
    for (let i = 0; i < 100; i++) await turn();
    expect(received).toBe(0);
    expect(sent).toBeLessThan(100 * CHUNK.length);
    peer.resume();
    await sending;
    await until(() => received === 100 * CHUNK.length);
  },
);

it("a full queue terminates the connection, as the policy says by default", async () => {
  const { client } = await openUnread({ sendQueueBytesMax: 1024 * 1024 });
  let refused: unknown;
  for (let i = 0; i < 200 && refused === undefined; i++) {
    client.send(CHUNK)?.catch((error: unknown) => {
      refused ??= error;
    });
    await turn();
  }
  expect(await client.closed).toMatchObject({ code: 1006 });
  expect(client.failure).toBeInstanceOf(SendQueueFullError);
  expect(client.failure?.message).toContain("sendQueueBytesMax is 1048576");
});

it('with "reject" only the message is refused, and the connection goes on', async () => {
  const { client, peer } = await openUnread({
    sendQueueBytesMax: 1024 * 1024,
    sendQueuePolicy: "reject",
  });
  let accepted = 0;
  let refused = 0;
  for (let i = 0; i < 200 && refused < 3; i++) {
    const before = client.bufferedAmount;
    const room = client.send(CHUNK);
    if (client.bufferedAmount > before || room === undefined) accepted++;
    else {
      await expect(room).rejects.toBeInstanceOf(SendQueueFullError);
      refused++;
    }
    await turn();
  }
  expect(refused).toBe(3);
  const frames = new ClientFrames(peer);
  peer.resume();
  for (let i = 0; i < accepted; i++)
    expect((await frames.next()).payload).toHaveLength(CHUNK.length);
  client.send("still here");
  expect((await frames.next()).payload.toString()).toBe("still here");
  client.terminate();
});

it("what waits behind a slow Blob is bounded too, small messages with their overhead", async () => {
  const { client } = await openUnread({ sendQueueBytesMax: 256 * 100, sendQueuePolicy: "reject" });
  const blob = new Blob(["x"]);
  let release!: (buffer: ArrayBuffer) => void;
  blob.arrayBuffer = () =>
    new Promise((resolve) => {
      release = resolve;
    });
  const sent = client.send(blob);
  let accepted = 0;
  let error: unknown;
  while (error === undefined && accepted < 1000) {
    client.send("")?.catch((reason: unknown) => {
      error = reason;
    });
    accepted++;
    await turn();
  }
  expect(error).toBeInstanceOf(SendQueueFullError);
  expect(accepted).toBeLessThan(110);
  release(new ArrayBuffer(1));
  await sent;
  client.terminate();
});

it("promises of a lost connection reject, and nobody has to look", async () => {
  const { client } = await openUnread();
  let room: Promise<void> | undefined;
  while (room === undefined) {
    room = client.send(CHUNK);
    await turn();
  }
  client.send(CHUNK);
  const waiting = client.bufferedAmount;
  client.terminate();
  await expect(room).rejects.toMatchObject({ name: "ConnectionClosedError", code: 1006 });
  expect(client.bufferedAmount).toBe(waiting);
});
