import { describe, expect, test } from "vitest";
import type { ClientError, LostMessage } from "../src/index.js";
import { Scene } from "./support/scene.js";

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as ClientError).code;
  }
  return "nothing thrown";
}

describe("emit", () => {
  test("before the first link: everything is sent after it, in the order of the calls", async () => {
    const scene = new Scene();
    const client = scene.connect();
    client.emit("login", { as: "ada" });
    const reply = client.request("who", undefined);
    client.emit("after", 1);
    expect(client.queued).toBe(3);
    await scene.time.until(() => client.state === "connected");
    await scene.time.pass(100);
    const { packets } = scene.hub.only;
    expect(packets.map((packet) => "name" in packet && packet.name)).toEqual([
      "login",
      "who",
      "after",
    ]);
    scene.hub.send(scene.hub.only, { type: "reply", id: 1, data: "ada" });
    await scene.time.pass(100);
    await expect(reply).resolves.toBe("ada");
    client.close();
  });

  test("a message whose time to live ran out is not sent, and is told", async () => {
    const scene = new Scene();
    scene.hub.everything = "refused";
    const client = scene.connect();
    const lost: LostMessage[] = [];
    client.watch("lost", (messages) => lost.push(...messages));
    client.emit("stale", 1, { ttlMs: 5_000 });
    client.emit("kept", 2, { ttlMs: 500_000 });
    const acked = expect(client.emitAcked("stale", 3, { ttlMs: 5_000 })).rejects.toMatchObject({
      code: "expired",
    });
    await scene.time.pass(5_001);
    await acked;
    expect(lost).toEqual([{ name: "stale", data: 1, code: "expired" }]);
    scene.hub.everything = "fine";
    await scene.time.until(() => client.state === "connected");
    await scene.time.pass(100);
    expect(scene.hub.only.packets).toMatchObject([{ name: "kept" }]);
    client.close();
  });

  test("queue: false and volatile: dropped without a link, and said so", async () => {
    const scene = new Scene();
    const client = scene.connect();
    expect(client.emit("now", 1, { queue: false })).toBe(false);
    expect(client.emit("typing", 1, { volatile: true })).toBe(false);
    await expect(client.emitAcked("now", 1, { queue: false })).rejects.toMatchObject({
      code: "offline",
    });
    await expect(client.request("now", 1, { queue: false })).rejects.toMatchObject({
      code: "offline",
    });
    await scene.time.until(() => client.state === "connected");
    expect(client.emit("now", 2, { queue: false })).toBe(true);
    expect(client.emit("typing", 2, { volatile: true })).toBe(true);
    await scene.time.pass(100);
    expect(scene.hub.only.packets).toMatchObject([{ name: "now", data: 2 }, { volatile: true }]);
    client.close();
  });

  test("the outbox takes n messages, and throws at n + 1; bytes count too", () => {
    const scene = new Scene();
    const client = scene.connect({ outbox: { entries: 3, bytes: 10_000 }, autoConnect: false });
    for (let i = 0; i < 3; i += 1) client.emit("up", i);
    expect(codeOf(() => client.emit("up", 4))).toBe("outbox-full");
    client.close();
    const other = scene.connect({ outbox: { bytes: 1_000 }, autoConnect: false });
    other.emit("up", "x".repeat(900));
    expect(codeOf(() => other.emit("up", "x".repeat(900)))).toBe("outbox-full");
    other.close();
    expect(codeOf(() => other.emit("up", 1))).toBe("closed");
  });

  test("too large a message is refused before it is sent, on a text link as on a binary one", async () => {
    const scene = new Scene(1, { messageBytes: 10_000, batchBytes: 10_000 });
    const client = scene.connect();
    await scene.time.until(() => client.state === "connected");
    expect(codeOf(() => client.emit("up", "x".repeat(10_000)))).toBe("too-large");
    expect(codeOf(() => client.emit("up", new Uint8Array(9_000)))).toBe("too-large");
    client.emit("up", new Uint8Array(6_000));
    await scene.time.pass(100);
    expect(scene.hub.only.packets.length).toBe(1);
    client.close();
  });

  test("the largest message that is taken fits into a POST", async () => {
    const scene = new Scene(1, { messageBytes: 10_000, batchBytes: 10_000 });
    const client = scene.connect({ transports: ["sse"] });
    await scene.time.until(() => client.state === "connected");
    let size = 10_000;
    while (codeOf(() => client.emit("up", "x".repeat(size))) === "too-large") size -= 1;
    expect(size).toBeGreaterThan(8_500);
    await scene.time.pass(1_000);
    expect(scene.hub.only.packets.length).toBe(1);
    expect(client.state).toBe("connected");
    client.close();
  });

  test("a message that waited and is too large for the hub is told", async () => {
    const scene = new Scene(1, { messageBytes: 10_000, batchBytes: 10_000 });
    const client = scene.connect();
    const lost: LostMessage[] = [];
    client.watch("lost", (messages) => lost.push(...messages));
    client.emit("big", "x".repeat(20_000));
    client.emit("small", 1);
    await scene.time.until(() => client.state === "connected");
    await scene.time.pass(100);
    expect(lost).toMatchObject([{ name: "big", code: "too-large" }]);
    expect(scene.hub.only.packets).toMatchObject([{ name: "small" }]);
    client.close();
  });

  test("§4.1 a name that no wire carries throws where it was given, and the session goes on", async () => {
    const scene = new Scene();
    const client = scene.connect();
    await scene.time.until(() => client.state === "connected");
    for (const name of ["", "a\nb", "n".repeat(129)]) {
      expect(() => client.emit(name, 1)).toThrow(TypeError);
      expect(() => client.emit(name, 1, { volatile: true })).toThrow(TypeError);
      await expect(client.emitAcked(name, 1)).rejects.toThrow(TypeError);
      await expect(client.request(name, 1)).rejects.toThrow(TypeError);
    }
    client.emit("n".repeat(128), 1);
    await scene.time.pass(100);
    expect(scene.hub.only.packets).toMatchObject([{ name: "n".repeat(128) }]);
    expect(client.state).toBe("connected");
    client.close();
  });

  test("data that has no word on the wire throws where it was given", () => {
    const scene = new Scene();
    const client = scene.connect({ autoConnect: false });
    expect(() => client.emit("up", { at: new Date(0) })).toThrow(/data\.at/);
    expect(() => client.emit("up", 10n)).toThrow(/bigint/);
    client.close();
  });
});

describe("emitAcked", () => {
  test("resolves in one round trip after the server has it, and many share one ping", async () => {
    const scene = new Scene();
    const client = scene.connect({ transports: ["websocket"] });
    await scene.time.until(() => client.state === "connected");
    let done = 0;
    for (let i = 0; i < 5; i += 1) client.emitAcked("up", i).then(() => (done += 1));
    await scene.time.pass(15);
    expect(done).toBe(0);
    await scene.time.pass(10);
    expect(done).toBe(5);
    expect(scene.hub.only.packets.length).toBe(5);
    client.close();
  });

  test("over a WebSocket that is full: it waits for it to drain, and so does everything else", async () => {
    const scene = new Scene();
    const client = scene.connect({ transports: ["websocket"] });
    await scene.time.until(() => client.state === "connected");
    const [socket] = scene.hub.sockets;
    socket!.bufferedAmount = 300_000;
    let done = false;
    client.emitAcked("up", 1).then(() => (done = true));
    // The first message fills the link; the ping that asks for its acknowledgement has to wait.
    await scene.time.pass(500);
    expect(done).toBe(false);
    socket!.bufferedAmount = 0;
    await scene.time.pass(100);
    expect(done).toBe(true);
    client.close();
  });

  test("rejects with lost when the session was lost after it was sent", async () => {
    const scene = new Scene();
    const client = scene.connect({ transports: ["websocket"] });
    await scene.time.until(() => client.state === "connected");
    const outcome = expect(client.emitAcked("up", 1)).rejects.toMatchObject({ code: "lost" });
    await scene.time.pass(5);
    scene.hub.restart();
    await scene.time.until(() => client.state === "connected" && scene.hub.held.size === 1, 10_000);
    await scene.time.pass(100);
    await outcome;
    expect(scene.hub.only.packets).toEqual([]);
    client.close();
  });
});

describe("§5.7 fresh", () => {
  test("what no link carried is sent again in order; what was sent is told with its data", async () => {
    const scene = new Scene();
    const client = scene.connect({ transports: ["websocket"] });
    const lost: LostMessage[] = [];
    client.watch("lost", (messages) => lost.push(...messages));
    const answers: unknown[] = [];
    client.watch("linked", ({ answer, first, reason }) => answers.push([answer, first, reason]));
    await scene.time.until(() => client.state === "connected");
    client.emit("sent", { text: "perhaps" });
    await scene.time.pass(5);
    scene.hub.restart();
    client.emit("waiting", 1);
    const reply = client.request("ask", 2);
    client.emit("waiting", 3);
    await scene.time.until(() => scene.hub.held.size === 1, 10_000);
    await scene.time.pass(100);
    expect(lost).toEqual([{ name: "sent", data: { text: "perhaps" }, code: "lost" }]);
    expect(answers).toEqual([
      ["fresh", true, undefined],
      ["fresh", false, "unknown"],
    ]);
    expect(scene.hub.only.packets).toMatchObject([
      { name: "waiting", data: 1 },
      { name: "ask", data: 2 },
      { name: "waiting", data: 3 },
    ]);
    scene.hub.send(scene.hub.only, { type: "reply", id: 1, data: "yes" });
    await scene.time.pass(100);
    await expect(reply).resolves.toBe("yes");
    client.close();
  });

  test("a request whose session is lost fails with lost; an acknowledged event is not told", async () => {
    const scene = new Scene();
    const client = scene.connect();
    const lost: LostMessage[] = [];
    client.watch("lost", (messages) => lost.push(...messages));
    await scene.time.until(() => client.state === "connected");
    await Promise.all([client.emitAcked("known", 1), scene.time.pass(100)]);
    const outcome = expect(client.request("ask", 1)).rejects.toMatchObject({ code: "lost" });
    await scene.time.pass(2_000);
    scene.hub.restart();
    await scene.time.until(() => scene.hub.held.size === 1, 10_000);
    await scene.time.pass(100);
    await outcome;
    expect(lost).toEqual([]);
    client.close();
  });
});
