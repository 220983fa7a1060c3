import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Hub } from "@tidewire/hub";
import { attach } from "@tidewire/hub/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Absence } from "../src/load/sessions/absence.js";
import { Crowd, checkSaid } from "../src/load/sessions/crowd.js";
import { Lines } from "../src/load/sessions/lines.js";
import { socketIo } from "../src/load/sessions/socket-io.js";

let http: Server;
let hub: Hub;
let port = 0;

beforeEach(async () => {
  http = createServer();
  hub = new Hub();
  hub.on("connect", (peer) => peer.join("room"));
  hub.on("echo", (peer, data) => void peer.emit("echo", data));
  hub.handle("ask", (_, data) => data);
  hub.handle("links", () => hub.stats().linked);
  hub.on("say", (_, data) => hub.to("room").emit("said", data));
  attach(hub, http);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  port = (http.address() as AddressInfo).port;
});

afterEach(async () => {
  await hub.close();
  http.closeAllConnections();
  await new Promise((resolve) => http.close(resolve));
});

function crowdOf(transport: "websocket" | "sse" | "stream" | "poll", connections: number): Crowd {
  return new Crowd({
    port,
    serverPid: process.pid,
    dialect: "tidewire",
    transport,
    recovery: true,
    connections,
    payloadBytes: 20,
  });
}

describe.each(["websocket", "sse", "stream", "poll"] as const)("over %s the load", (transport) => {
  test("has its events and requests answered, and acknowledges what it got", async () => {
    const crowd = crowdOf(transport, 1);
    const [session] = crowd.sessions;
    await crowd.open();
    for (let turn = 0; turn < 70; turn += 1) {
      checkSaid(await crowd.ask(session!, crowd.event("echo")), "echo", crowd.data);
    }
    checkSaid(await crowd.ask(session!, crowd.request("ask")), undefined, crowd.data);
    await expect.poll(() => hub.stats().retainedEntries).toBeLessThan(64);
    session!.cut();
  });

  // Of a client that polls the hub notices nothing until its patience ends.
  test.skipIf(transport === "poll")("goes on after a cut with what it missed", async () => {
    const crowd = crowdOf(transport, 3);
    expect(await crowd.open()).toBe(0);
    const absence = new Absence(crowd);
    await absence.begin();
    await absence.greet();
    await absence.leave(5);
    await absence.end();
    absence.dismiss();
    for (const session of crowd.sessions) session.cut();
  });

  test("notices that a session is not known", async () => {
    const strangers = crowdOf(transport, 2);
    for (const session of strangers.sessions) session.forge();
    expect(await strangers.open(true)).toBe(0);
    for (const session of strangers.sessions) session.cut();
  });
});

test("an answer that differs is no answer", () => {
  expect(() => checkSaid({ name: "echo", data: "b" }, "echo", "a")).toThrow("A wrong answer");
});

test("Socket.IO's events and acknowledgements are read by what they say", () => {
  expect(socketIo.read('42["said","x","offset"]')).toEqual({ name: "said", data: "x" });
  expect(socketIo.read('431["x"]')).toEqual({ name: undefined, data: "x" });
  expect(() => socketIo.read("2")).toThrow();
});

test("lines are found however their bytes are cut", () => {
  const text = Buffer.from("one\n\ntwo three\nfour\n");
  for (const step of [1, 2, 5, text.length]) {
    const found: string[] = [];
    const lines = new Lines((bytes, start, end) => found.push(bytes.toString("utf8", start, end)));
    for (let at = 0; at < text.length; at += step) {
      lines.receive(text, at, Math.min(at + step, text.length));
    }
    expect(found).toEqual(["one", "", "two three", "four"]);
  }
});
