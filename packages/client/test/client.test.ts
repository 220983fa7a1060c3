import { describe, expect, test, vi } from "vitest";
import { Scene } from "./support/scene.js";

test("the state `connected` is told before `linked`", async () => {
  const scene = new Scene();
  const client = scene.connect();
  const told: unknown[] = [];
  client.watch("state", (state) => told.push(state));
  client.watch("linked", ({ answer }) => told.push(answer));
  await scene.time.until(() => told.length > 1);
  expect(told).toEqual(["connected", "fresh"]);
  client.close();
});

describe("names and data like __proto__", () => {
  test("are names and data like any other", async () => {
    const scene = new Scene();
    const client = scene.connect();
    const seen: unknown[] = [];
    for (const name of ["__proto__", "constructor", "toString", "error"]) {
      client.on(name, (data, info) => seen.push([info.name, data]));
    }
    await scene.time.until(() => client.state === "connected");
    for (const name of ["__proto__", "constructor", "toString", "error", "hasOwnProperty"]) {
      scene.hub.emit(scene.hub.only, name, JSON.parse('{"__proto__":{"admin":true}}'));
    }
    scene.hub.send(scene.hub.only, { type: "request", id: 1, name: "__proto__" });
    await scene.time.pass(2_000);
    expect(seen.map((pair) => (pair as unknown[])[0])).toEqual([
      "__proto__",
      "constructor",
      "toString",
      "error",
    ]);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
    expect(scene.hub.only.packets).toMatchObject([{ type: "failure", code: "unknown-name" }]);
    client.close();
  });
});

describe("listeners", () => {
  test("one that throws harms neither the others nor the session", async () => {
    const scene = new Scene();
    const client = scene.connect();
    const seen: unknown[] = [];
    client.on("x", () => {
      throw new Error("mine");
    });
    client.on("x", async () => {
      throw new Error("later");
    });
    const off = client.on("x", (data) => seen.push(data));
    client.onAny((name, data) => seen.push([name, data]));
    await scene.time.until(() => client.state === "connected");
    scene.hub.emit(scene.hub.only, "x", 1);
    await scene.time.pass(50);
    off();
    scene.hub.emit(scene.hub.only, "x", 2);
    await scene.time.pass(50);
    expect(seen).toEqual([1, ["x", 1], ["x", 2]]);
    expect(scene.errors.length).toBe(4);
    expect(client.state).toBe("connected");
    client.close();
  });

  test("a watcher of errors that throws is an uncaught error, once, and not its own next error", async () => {
    const scene = new Scene();
    const uncaught: unknown[] = [];
    const turns: (() => void)[] = [];
    vi.stubGlobal("queueMicrotask", (run: () => void) => turns.push(run));
    try {
      const client = scene.connect();
      client.watch("error", () => {
        throw new Error("watcher");
      });
      client.watch("error", async () => {
        throw new Error("later");
      });
      client.on("x", () => {
        throw new Error("listener");
      });
      await scene.time.until(() => client.state === "connected");
      scene.hub.emit(scene.hub.only, "x", 1);
      await scene.time.pass(50);
      client.close();
    } finally {
      vi.unstubAllGlobals();
    }
    for (const run of turns) {
      try {
        run();
      } catch (error) {
        uncaught.push((error as Error).message);
      }
    }
    expect(scene.errors).toMatchObject([{ message: "listener" }]);
    expect(uncaught).toEqual(["watcher", "later"]);
  });

  test("once resolves with the next, and rejects when aborted or closed", async () => {
    const scene = new Scene();
    const client = scene.connect();
    await scene.time.until(() => client.state === "connected");
    const next = client.once("x");
    scene.hub.emit(scene.hub.only, "x", 1);
    scene.hub.emit(scene.hub.only, "x", 2);
    await scene.time.pass(50);
    await expect(next).resolves.toBe(1);
    const abort = new AbortController();
    const aborted = expect(client.once("x", { signal: abort.signal })).rejects.toBe("enough");
    abort.abort("enough");
    await aborted;
    const closed = expect(client.once("x")).rejects.toMatchObject({ code: "closed" });
    client.close();
    await closed;
    await expect(client.once("x")).rejects.toMatchObject({ code: "closed" });
  });

  test("the place in a room's history is kept, per room, never backwards", async () => {
    const scene = new Scene();
    const client = scene.connect();
    await scene.time.until(() => client.state === "connected");
    const event = { type: "event", name: "x", room: "__proto__", epoch: "e1" } as const;
    scene.hub.send(scene.hub.only, { ...event, offset: 7 });
    scene.hub.send(scene.hub.only, { ...event, offset: 3 });
    await scene.time.pass(50);
    expect(client.position("__proto__")).toEqual({ epoch: "e1", offset: 7 });
    scene.hub.send(scene.hub.only, { ...event, epoch: "e2", offset: 1 });
    await scene.time.pass(50);
    expect(client.position("__proto__")).toEqual({ epoch: "e2", offset: 1 });
    expect(client.position("other")).toBeUndefined();
    client.close();
  });
});
