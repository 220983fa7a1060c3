import { describe, expect, test, vi } from "vitest";
import type { TransportName } from "../src/index.js";
import { Scene } from "./support/scene.js";

const names: TransportName[] = ["websocket", "sse", "stream", "long-polling", "polling"];

describe.each(names)("§10 over %s", (name) => {
  for (const codec of ["binary", "json"] as const) {
    test(`a hundred numbered events each way arrive once and in order, as ${codec}`, async () => {
      const scene = new Scene();
      scene.hub.speaksText = codec === "json";
      const client = scene.connect({ transports: [name], codec });
      const seen: unknown[] = [];
      client.on("down", (data) => seen.push(data));
      await scene.time.until(() => client.state === "connected");
      expect(client.transport).toBe(name);
      for (let i = 0; i < 100; i += 1) {
        client.emit("up", i);
        scene.hub.emit(scene.hub.only, "down", i);
        if (i % 10 === 0) await scene.time.pass(30);
      }
      await scene.time.pass(10_000);
      const numbers = Array.from({ length: 100 }, (_, i) => i);
      expect(scene.hub.only.packets.map((packet) => "data" in packet && packet.data)).toEqual(
        numbers,
      );
      expect(seen).toEqual(numbers);
      client.close();
      await scene.time.pass(1_000);
      expect(scene.hub.held.size).toBe(0);
      expect(scene.errors).toEqual([]);
    });
  }

  test("a broken connection in the middle of a burst loses and repeats nothing", async () => {
    const scene = new Scene(7);
    const client = scene.connect({ transports: [name] });
    const seen: unknown[] = [];
    client.on("down", (data) => seen.push(data));
    await scene.time.until(() => client.state === "connected");
    const { hub } = scene;
    for (let i = 0; i < 200; i += 1) {
      client.emit("up", i);
      hub.emit(hub.only, "down", i);
      await scene.time.pass(hub.random.below(40));
      if (i % 40 === 20) hub.cutAll();
      if (i === 100) {
        hub.everything = "refused";
        hub.cutAll();
        await scene.time.pass(5_000);
        hub.everything = "fine";
      }
    }
    await scene.time.pass(60_000);
    const numbers = Array.from({ length: 200 }, (_, i) => i);
    expect(hub.only.packets.map((packet) => "data" in packet && packet.data)).toEqual(numbers);
    expect(seen).toEqual(numbers);
    client.close();
  });

  test("byte strings arrive as byte strings", async () => {
    const scene = new Scene();
    const client = scene.connect({ transports: [name] });
    const seen: unknown[] = [];
    client.on("bytes", (data) => seen.push(data));
    await scene.time.until(() => client.state === "connected");
    client.emit("bytes", { bytes: new Uint8Array([0, 255, 7]) });
    scene.hub.emit(scene.hub.only, "bytes", new Uint8Array([1, 2, 3]));
    await scene.time.pass(5_000);
    expect(scene.hub.only.packets[0]).toMatchObject({
      data: { bytes: new Uint8Array([0, 255, 7]) },
    });
    expect(seen).toEqual([new Uint8Array([1, 2, 3])]);
    client.close();
  });

  test("a half-open connection is noticed, and the session continues on a new one", async () => {
    const scene = new Scene(3);
    const client = scene.connect({ transports: [name] });
    await scene.time.until(() => client.state === "connected");
    await scene.time.pass(1_000);
    scene.hub.everything = "hangs";
    const states: string[] = [];
    client.watch("state", (state) => states.push(state));
    client.emit("up", 1);
    await scene.time.until(() => states.includes("reconnecting"), 120_000);
    scene.hub.everything = "fine";
    scene.hub.cutAll();
    await scene.time.until(() => client.state === "connected", 120_000);
    await scene.time.pass(5_000);
    expect(scene.hub.only.packets).toMatchObject([{ name: "up", data: 1 }]);
    client.close();
  });
});

describe("§11 a WebSocket that ends with a code of RFC 6455", () => {
  test.each([
    [1006, "reconnecting"],
    [1011, "reconnecting"],
    [1009, "closed"],
  ])("%i leaves the client %s", async (code, state) => {
    const scene = new Scene();
    const client = scene.connect({ transports: ["websocket"] });
    await scene.time.until(() => client.state === "connected");
    for (const socket of scene.hub.sockets) socket.cut(code);
    expect(client.state).toBe(state);
    client.close();
  });
});

describe("§10.6 the interval of short polls", () => {
  test("is the client's choice", async () => {
    const polls = async (pollIntervalMs: number): Promise<number> => {
      const scene = new Scene();
      const posts = vi.fn(scene.hub.fetch);
      const platform = scene.platform({ fetch: posts });
      const client = scene.connect({ transports: ["polling"], pollIntervalMs, platform });
      await scene.time.until(() => client.state === "connected");
      posts.mockClear();
      await scene.time.pass(20_000);
      client.close();
      return posts.mock.calls.length;
    };
    expect(await polls(500)).toBeGreaterThan(30);
    expect(await polls(5_000)).toBeLessThan(7);
  });

  test("a client that sends all the time hears as soon as one that sends once", async () => {
    const scene = new Scene();
    const client = scene.connect({ transports: ["polling"] });
    const seen: unknown[] = [];
    client.on("down", (data) => seen.push(data));
    await scene.time.until(() => client.state === "connected");
    for (let i = 0; i < 40; i += 1) {
      client.emit("up", i);
      scene.hub.emit(scene.hub.only, "down", i);
      await scene.time.pass(25);
    }
    expect(seen.length).toBeGreaterThan(30);
    client.close();
  });

  test.each([49, -1, Number.NaN, Number.POSITIVE_INFINITY])(
    "%s is refused by the transport",
    async (ms) => {
      const scene = new Scene();
      const client = scene.connect({ transports: ["polling"], pollIntervalMs: ms });
      await scene.time.until(() => client.failure !== undefined);
      expect(client.failure).toMatchObject({ reason: "unavailable" });
      expect(client.failure?.detail).toContain("give 50 or more");
      client.close();
    },
  );
});
