import { beforeEach, describe, expect, test, vi } from "vitest";
import { ClientError } from "../src/index.js";
import { attemptMs, loadMs, owedMax } from "../src/limits.js";
import type { Later } from "../src/load-later.js";
import { Scene } from "./support/scene.js";

/** How the chunk comes: at once, when `release` is called, or not. */
const chunk = vi.hoisted(() => ({
  how: "here" as "here" | "held" | "broken",
  asked: 0,
  waiting: [] as (() => void)[],
  release(): void {
    this.how = "here";
    for (const go of this.waiting.splice(0)) go();
  },
}));

vi.mock("../src/load-later.js", async (original) => {
  const real = await original<typeof import("../src/load-later.js")>();
  return {
    later: (): Later | undefined => (chunk.how === "here" ? real.later() : undefined),
    loadLater: async (): Promise<Later> => {
      chunk.asked += 1;
      if (chunk.how === "held") await new Promise<void>((resolve) => chunk.waiting.push(resolve));
      if (chunk.how === "broken") throw new ClientError("unavailable", "404");
      return real.loadLater();
    },
  };
});

beforeEach(() => {
  chunk.release();
  chunk.asked = 0;
});

const names = (scene: Scene): string[] =>
  scene.hub.latest.packets.map((packet) => ("name" in packet ? packet.name : packet.type));

describe("What is loaded later", () => {
  test("is asked for by the first link, and not before", async () => {
    chunk.how = "held";
    const scene = new Scene();
    scene.hub.latencyMs = 100;
    const client = scene.connect();
    await scene.time.pass(50);
    expect(chunk.asked).toBe(0);
    await scene.time.until(() => client.state === "connected");
    expect(chunk.asked).toBe(1);
    client.close();
  });

  test("is loaded for the transport that is tried after a WebSocket that failed", async () => {
    const scene = new Scene();
    scene.hub.weather.websocket = "refused";
    const client = scene.connect();
    await scene.time.until(() => client.state === "connected");
    expect(client.transport).toBe("sse");
    client.close();
  });

  test("a chunk that does not come costs the other transports, not WebSocket", async () => {
    chunk.how = "broken";
    const scene = new Scene();
    scene.hub.weather.websocket = "refused";
    const client = scene.connect();
    await scene.time.pass(20_000);
    expect(client.state).toBe("connecting");
    scene.hub.weather.websocket = "fine";
    await scene.time.until(() => client.state === "connected");
    expect(client.transport).toBe("websocket");
    client.close();
  });
});

describe("The probe", () => {
  for (const how of ["held", "broken"] as const) {
    test(`that is ${how} tells nothing, and the next round comes`, async () => {
      chunk.how = how;
      const scene = new Scene();
      scene.hub.weather.websocket = "refused";
      const client = scene.connect({ transports: ["websocket"] });
      await scene.time.until(() => client.failure !== undefined, attemptMs * 2);
      expect(client.failure?.reason).toBe("blocked");
      scene.hub.weather.websocket = "fine";
      await scene.time.until(() => client.state === "connected");
      client.close();
    });
  }
});

describe("Requests of the server before their handlers can run", () => {
  test("a handler asks for the chunk", async () => {
    chunk.how = "held";
    const scene = new Scene();
    const client = scene.connect();
    client.handle("ask", () => 1);
    expect(chunk.asked).toBe(1);
    client.close();
  });

  test("wait for it, with the events behind them", async () => {
    chunk.how = "held";
    const scene = new Scene();
    const client = scene.connect();
    const seen: unknown[] = [];
    client.handle("ask", (data) => seen.push(data));
    client.on("down", (data) => seen.push(data));
    await scene.time.until(() => client.state === "connected");
    const { hub } = scene;
    hub.emit(hub.only, "down", 1);
    hub.send(hub.only, { type: "request", id: 1, name: "ask", data: 2 });
    hub.send(hub.only, { type: "request", id: 2, name: "nobody" });
    hub.emit(hub.only, "down", 3);
    await scene.time.pass(1_000);
    expect(seen).toEqual([1]);
    chunk.release();
    await scene.time.pass(100);
    expect(seen).toEqual([1, 2, 3]);
    expect(hub.only.packets).toMatchObject([
      { type: "failure", id: 2, code: "unknown-name" },
      { type: "reply", id: 1, data: 2 },
    ]);
    client.close();
  });

  for (const how of ["held", "broken"] as const) {
    test(`are refused when it is ${how}, and the events behind them come`, async () => {
      chunk.how = how;
      const scene = new Scene();
      const client = scene.connect();
      const seen: unknown[] = [];
      client.handle("ask", () => 1);
      client.on("down", (data) => seen.push(data));
      await scene.time.until(() => client.state === "connected");
      const { hub } = scene;
      hub.send(hub.only, { type: "request", id: 1, name: "ask" });
      hub.emit(hub.only, "down", 2);
      await scene.time.pass(loadMs + 100);
      expect(seen).toEqual([2]);
      expect(hub.only.packets).toMatchObject([{ type: "failure", id: 1, code: "unavailable" }]);
      client.close();
    });
  }
});

describe("The binary codec", () => {
  test("of a WebSocket is waited for, and what was sent before goes out in it", async () => {
    chunk.how = "held";
    const scene = new Scene();
    scene.hub.speaksText = false;
    const client = scene.connect();
    client.emit("up", new Uint8Array([1, 2]));
    await scene.time.pass(1_000);
    expect(chunk.asked).toBe(1);
    expect(scene.hub.hellos).toEqual([]);
    chunk.release();
    await scene.time.until(() => client.state === "connected");
    await scene.time.pass(100);
    expect([...scene.hub.sockets][0]?.protocol).toBe("tidewire.v1.binary");
    expect(scene.hub.only.packets).toMatchObject([{ data: new Uint8Array([1, 2]) }]);
    client.close();
  });

  test("that cannot be loaded costs this attempt, and says so", async () => {
    chunk.how = "broken";
    const scene = new Scene();
    scene.hub.speaksText = false;
    const client = scene.connect();
    await scene.time.until(() => client.failure !== undefined);
    expect(client.failure).toMatchObject({ reason: "unavailable" });
    expect(client.failure?.detail).toContain("binary codec");
    client.close();
  });
});

describe("A lost link before it is known what follows", () => {
  test("is followed by attempts by the transport that worked", async () => {
    chunk.how = "broken";
    const scene = new Scene();
    const client = scene.connect();
    await scene.time.until(() => client.state === "connected");
    scene.hub.weather.websocket = "refused";
    scene.hub.cutAll();
    await scene.time.pass(60_000);
    expect(client.state).toBe("reconnecting");
    expect(new Set(scene.hub.log)).toEqual(new Set(["websocket"]));
    scene.hub.weather.websocket = "fine";
    await scene.time.until(() => client.state === "connected");
    client.close();
  });

  test("a refusal for good ends the client once the chunk is here", async () => {
    chunk.how = "held";
    const scene = new Scene();
    scene.hub.refuse = () => ({ code: 4403 });
    const client = scene.connect();
    await scene.time.pass(100);
    expect(client.state).toBe("connecting");
    chunk.release();
    await scene.time.pass(100);
    expect(client.failure).toMatchObject({ reason: "forbidden" });
    expect(client.state).toBe("closed");
  });
});

describe("Streams before they are loaded", () => {
  test("ours keeps its place among the messages", async () => {
    chunk.how = "held";
    const scene = new Scene();
    const client = scene.connect();
    await scene.time.until(() => client.state === "connected");
    client.emit("before", 1);
    const stream = client.stream("pipe", "data");
    const written = expect(stream.write("x")).rejects.toMatchObject({ code: "closed" });
    stream.end("last");
    client.emit("behind", 2);
    await scene.time.pass(1_000);
    expect(names(scene)).toEqual(["before"]);
    chunk.release();
    await scene.time.pass(100);
    expect(names(scene)).toEqual(["before", "pipe", "end", "behind"]);
    await written;
    client.close();
  });

  test("an upload goes through, and can be cancelled meanwhile", async () => {
    chunk.how = "held";
    const scene = new Scene();
    scene.hub.onPacket = (packet, held) => {
      if (packet.type === "open") {
        scene.hub.send(held, { type: "credit", stream: packet.stream, credit: 8 });
      } else if (packet.type === "end") {
        scene.hub.send(held, { type: "end", stream: packet.stream, data: "stored" });
      }
    };
    const client = scene.connect();
    await scene.time.until(() => client.state === "connected");
    const cancelled = client.upload("a", new Uint8Array(10));
    const upload = client.upload("b", new Uint8Array(10), { onProgress: () => {} });
    const abort = new AbortController();
    const aborted = client.download("c", 1, { signal: abort.signal });
    cancelled.cancel("changed my mind");
    abort.abort("enough");
    await expect(cancelled).rejects.toBe("changed my mind");
    await expect(aborted).rejects.toBe("enough");
    chunk.release();
    await scene.time.pass(1_000);
    await expect(upload).resolves.toBe("stored");
    expect(upload.bytes).toBe(10);
    expect(names(scene)).toEqual(["b", "data", "end"]);
    client.close();
  });

  test("the server's wait in their order", async () => {
    chunk.how = "held";
    const scene = new Scene();
    const client = scene.connect();
    await scene.time.until(() => client.state === "connected");
    const given: unknown[] = [];
    client.onStream("pipe", async (stream, data) => {
      given.push(data);
      for await (const item of stream) given.push(item);
    });
    const { hub } = scene;
    hub.send(hub.only, { type: "open", stream: 0, name: "pipe", data: 1, credit: 8 });
    hub.send(hub.only, { type: "open", stream: 2, name: "pipe", data: 2, credit: 8 });
    hub.send(hub.only, { type: "cancel", stream: 2, code: "cancelled", message: "" });
    await scene.time.pass(1_000);
    expect(given).toEqual([]);
    chunk.release();
    await scene.time.pass(100);
    expect(given).toEqual([1, 2]);
    hub.send(hub.only, { type: "data", stream: 0, data: "x" });
    hub.send(hub.only, { type: "end", stream: 0 });
    await scene.time.pass(100);
    expect(given).toEqual([1, 2, "x"]);
    client.close();
  });

  test("those of a session that is lost meanwhile are nobody's", async () => {
    chunk.how = "held";
    const scene = new Scene();
    const client = scene.connect();
    await scene.time.until(() => client.state === "connected");
    const given: unknown[] = [];
    client.onStream("pipe", (_stream, data) => given.push(data));
    const { hub } = scene;
    hub.send(hub.only, { type: "open", stream: 0, name: "pipe", data: "old", credit: 8 });
    await scene.time.pass(100);
    hub.restart();
    hub.cutAll();
    await scene.time.pass(60_000);
    hub.send(hub.latest, { type: "open", stream: 0, name: "pipe", data: "new", credit: 8 });
    await scene.time.pass(100);
    chunk.release();
    await scene.time.pass(100);
    expect(given).toEqual(["new"]);
    client.close();
  });

  for (const many of [owedMax, owedMax + 1]) {
    test(`${many} packets of the server: ${many > owedMax ? "too many" : "kept"}`, async () => {
      chunk.how = "held";
      const scene = new Scene();
      const client = scene.connect();
      await scene.time.until(() => client.state === "connected");
      for (let i = 0; i < many; i += 1) {
        scene.hub.send(scene.hub.only, { type: "open", stream: i * 2, name: "a", credit: 1 });
      }
      await scene.time.pass(5_000);
      expect(client.state).toBe(many > owedMax ? "closed" : "connected");
      client.close();
    });
  }

  test("a chunk that does not come fails them with `unavailable`, and nothing else", async () => {
    chunk.how = "broken";
    const scene = new Scene();
    const client = scene.connect();
    await scene.time.until(() => client.state === "connected");
    const stream = client.stream("pipe");
    const upload = client.upload("file", new Uint8Array(10));
    const download = client.download("file");
    client.emit("behind", 2);
    await scene.time.pass(100);
    await expect(stream.result).rejects.toMatchObject({ code: "unavailable" });
    await expect(upload).rejects.toThrow();
    await expect(download).rejects.toThrow();
    expect(names(scene)).toEqual(["behind"]);
    chunk.release();
    client.stream("again");
    await scene.time.pass(100);
    expect(names(scene)).toEqual(["behind", "again"]);
    client.close();
  });

  test("neither does one that hangs hold up what is behind it for good", async () => {
    chunk.how = "held";
    const scene = new Scene();
    const client = scene.connect();
    await scene.time.until(() => client.state === "connected");
    const stream = client.stream("pipe");
    const upload = client.upload("file", new Uint8Array(10));
    client.emit("behind", 2);
    await scene.time.pass(loadMs - 1);
    expect(names(scene)).toEqual([]);
    await scene.time.pass(100);
    expect(names(scene)).toEqual(["behind"]);
    await expect(stream.result).rejects.toMatchObject({ code: "unavailable" });
    await expect(upload).rejects.toMatchObject({ code: "unavailable" });
    client.close();
  });
});
