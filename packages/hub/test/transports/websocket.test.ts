// WebSockets against a real hub: raw clients, and the client of the protocol's appendix (§10.1).

import { type Hello, jsonCodec, type Packet } from "@tidewire/session-protocol";
import { WebSocket, WebSocketServer } from "@tidewire/websocket";
import { describe, expect, it, vi } from "vitest";
import { tidewire } from "../../../session-protocol/test/appendix-client.js";
import { eventually, hello, type Served, serve } from "./served.js";

interface RawLink {
  readonly socket: WebSocket;
  readonly packets: Packet[];
  readonly closed: Promise<number>;
  send(packet: object | string | Uint8Array): void;
  next(): Promise<Packet>;
}

async function open(served: Served, protocol = "tidewire.v1.json"): Promise<RawLink> {
  const socket = new WebSocket(served.base.replace("http", "ws"), protocol);
  const packets: Packet[] = [];
  let taken = 0;
  let wake = (): void => {};
  socket.addEventListener("message", ({ data }) => {
    packets.push(jsonCodec.decode(String(data)) as Packet);
    wake();
  });
  const closed = new Promise<number>((resolve) => {
    socket.addEventListener("close", ({ code }) => {
      resolve(code);
      wake();
    });
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", reject);
  });
  return {
    socket,
    packets,
    closed,
    send: (packet) => {
      const isRaw = typeof packet === "string" || packet instanceof Uint8Array;
      void socket.send(isRaw ? packet : JSON.stringify(packet));
    },
    async next() {
      while (taken === packets.length) {
        if (socket.readyState === 3) throw new Error("closed");
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      taken += 1;
      return packets[taken - 1]!;
    },
  };
}

async function welcomed(
  served: Served,
  greeting: Hello = hello,
): Promise<RawLink & { welcome: Extract<Packet, { type: "welcome" }> }> {
  const link = await open(served);
  link.send(greeting);
  const welcome = await link.next();
  return Object.assign(link, { welcome: welcome as Extract<Packet, { type: "welcome" }> });
}

describe("a WebSocket", () => {
  it("§10.1 needs a subprotocol that the hub speaks", async () => {
    const served = await serve();
    await expect(open(served, "graphql-ws")).rejects.toBeDefined();
  });

  it("§5.1 is closed with 4408 when no hello comes", async () => {
    const served = await serve({ limits: { helloMs: 20 } });
    const link = await open(served);
    expect(await link.next()).toMatchObject({ type: "bye", code: 4408 });
    expect(await link.closed).toBe(4408);
  });

  it.each([
    ["no JSON", "{", 4400],
    ["bytes on a text link", new Uint8Array(4), 4400],
    ["an event", { type: "event", name: "a" }, 4400],
    ["a batch", { type: "batch", session: "s".repeat(22), secret: "s".repeat(22), link: 1 }, 4400],
    ["a hello that is too long", { ...hello, more: "x".repeat(200_000) }, 4413],
    ["E5 another version", { ...hello, version: 2 }, 4426],
  ])("§5.1 is closed when the first message is %s", async (_, message, code) => {
    const served = await serve();
    const link = await open(served);
    link.send(message);
    expect(await link.next()).toMatchObject({ type: "bye", code });
    expect(await link.closed).toBe(code);
    expect(served.hub.stats().sessions).toBe(0);
    expect(served.errors).toEqual([]);
  });

  it("§5.1 may send nothing between hello and welcome", async () => {
    const served = await serve({ authenticate: () => new Promise(() => {}) });
    const link = await open(served);
    link.send(hello);
    link.send({ type: "event", name: "early" });
    expect(await link.closed).toBe(4400);
  });

  it("gives authentication up when the client goes", async () => {
    let asked = false;
    let aborted = false;
    const served = await serve({
      authenticate: ({ signal }) =>
        new Promise(() => {
          asked = true;
          signal.addEventListener("abort", () => {
            aborted = true;
          });
        }),
    });
    const link = await open(served);
    link.send(hello);
    await eventually(() => asked);
    link.socket.terminate();
    await eventually(() => aborted);
    expect(served.hub.stats().sessions).toBe(0);
  });

  it("§9 a message above messageBytes ends the session with 4413, one of that size does not", async () => {
    const served = await serve({ limits: { messageBytes: 300_000 } });
    const heard: number[] = [];
    served.hub.on("say", (_, data) => void heard.push(String(data).length));
    const link = await welcomed(served);
    const around = JSON.stringify({ type: "event", name: "say", data: "" }).length;
    link.send({ type: "event", name: "say", data: "x".repeat(300_000 - around) });
    await eventually(() => heard.length === 1);
    link.send({ type: "event", name: "say", data: "x".repeat(300_001 - around) });
    await link.closed;
    await eventually(() => served.hub.stats().sessions === 0);
  });

  it("§5.9 a zombie that wakes up after its successor harms nobody", async () => {
    const served = await serve();
    const heard: unknown[] = [];
    served.hub.on("say", (_, data) => void heard.push(data));
    const old = await welcomed(served);
    const { session, secret } = old.welcome;
    const resume = { ...hello, session, secret: secret!, received: 0, link: 2 };
    const next = await welcomed(served, resume);
    expect(next.welcome).toMatchObject({ answer: "resumed", received: 0 });
    // Written behind the server's close frame, before the client has seen it.
    old.send({ type: "event", name: "say", data: "zombie" });
    expect(await old.closed).toBe(4001);
    next.send({ type: "event", name: "say", data: "alive" });
    await eventually(() => heard.length === 1);
    expect(heard).toEqual(["alive"]);
    // E9: the same number again is stale.
    const stale = await open(served);
    stale.send(resume);
    expect(await stale.closed).toBe(4409);
    next.socket.close();
  });

  it("E9 f: packets that only a server sends end the session", async () => {
    for (const packet of [
      { type: "welcome" },
      { type: "ack", count: 1_000_000 },
      { type: "renew" },
      { type: "data", stream: 1_000 },
    ]) {
      const served = await serve();
      const link = await welcomed(served);
      link.send(packet);
      expect(await link.closed).toBe(4400);
      expect(served.hub.stats().sessions).toBe(0);
    }
  });

  it("a broadcast reaches every socket unharmed, with packets of their own between", async () => {
    const served = await serve();
    const links = await Promise.all(Array.from({ length: 20 }, () => welcomed(served)));
    const prepare = vi.spyOn(WebSocketServer.prototype, "prepare");
    served.hub.emit("round", { round: -1, text: "" });
    served.hub.emit("round", { round: -2, text: "" });
    // Framed once for all twenty.
    expect(prepare).toHaveBeenCalledTimes(2);
    prepare.mockRestore();
    for (let round = 0; round < 50; round += 1) {
      served.hub.emit("round", { round, text: "é😀".repeat(round) });
      for (const peer of served.hub.peers()) peer.emit("own", peer.id);
    }
    await eventually(() => links.every(({ packets }) => packets.length >= 103));
    for (const { packets, welcome, socket } of links) {
      const events = packets.filter((packet) => packet.type === "event").slice(2);
      const expected = Array.from({ length: 50 }, (_, round) => [
        { round, text: "é😀".repeat(round) },
        welcome.session,
      ]).flat();
      expect(events.map((event) => (event as { data: unknown }).data)).toEqual(expected);
      socket.close();
    }
  });

  it("§7.5 one that is not read costs its budget, and nobody else anything", async () => {
    const served = await serve({ limits: { logBytes: 200_000 } });
    const stuck = await welcomed(served);
    const good = await welcomed(served);
    stuck.socket.pause();
    const text = "x".repeat(20_000);
    let sent = 0;
    while (served.hub.stats().linked === 2 && sent < 2_000) {
      served.hub.emit("said", text);
      sent += 1;
      good.send({ type: "ack", count: good.packets.filter(({ type }) => type === "event").length });
      expect(served.hub.stats().retainedBytes).toBeLessThanOrEqual(2 * 200_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(served.hub.stats().linked).toBe(1);
    await eventually(() => good.packets.filter(({ type }) => type === "event").length === sent);
    stuck.socket.terminate();
    good.socket.close();
  });
});

describe("the appendix's client", () => {
  it("loses and repeats nothing while its connection is cut again and again", async () => {
    const served = await serve();
    const up: unknown[] = [];
    const down: unknown[] = [];
    served.hub.on("up", (_, number) => void up.push(number));
    const sockets: WebSocket[] = [];
    class Recorded extends WebSocket {
      constructor(url: string, protocol: string) {
        super(url, protocol);
        sockets.push(this);
      }
    }
    let links = 0;
    let wake = (): void => {};
    const client = tidewire(served.base.replace("http", "ws"), {
      onevent: (_: string, data: unknown) => void down.push(data),
      onlink: () => {
        links += 1;
        wake();
      },
      Socket: Recorded as unknown as typeof globalThis.WebSocket,
    });
    for (let cut = 1; cut <= 3; cut += 1) {
      while (links < cut) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      for (let number = 0; number < 100; number += 1) {
        client.emit("up", (cut - 1) * 100 + number);
        served.hub.emit("down", (cut - 1) * 100 + number);
      }
      if (cut < 3) sockets.at(-1)!.terminate();
    }
    const all = Array.from({ length: 300 }, (_, number) => number);
    await eventually(() => up.length >= 300 && down.length >= 300);
    expect(up).toEqual(all);
    expect(down).toEqual(all);
    client.close();
    await eventually(() => served.hub.stats().sessions === 0);
  });
});
