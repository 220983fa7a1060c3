import { defineContract, type Schema } from "@tidewire/session-protocol";
import { describe, expect, test, vi } from "vitest";
import { type Client, ClientError, type ClientStream } from "../src/index.js";
import { Scene } from "./support/scene.js";

/** A schema that checks a type by name; `slow` answers with a promise. */
function a<Value>(type: string, slow = false): Schema<Value> {
  const check = (value: unknown): { value: Value } | { issues: { message: string }[] } =>
    typeof value === type ? { value: value as Value } : { issues: [{ message: `not a ${type}` }] };
  return {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value) => (slow ? Promise.resolve(value).then(check) : check(value)),
      types: undefined as never,
    },
  };
}

const contract = defineContract({
  client: {
    say: { data: a<string>("string") },
    slow: { data: a<number>("number", true) },
    add: { data: a<number>("number"), reply: a<number>("number") },
  },
  server: {
    said: { data: a<string>("string") },
    slowly: { data: a<number>("number", true) },
    ask: { data: a<string>("string"), reply: a<boolean>("boolean") },
  },
  streams: { pipe: { up: a<number>("number"), down: a<string>("string") } },
});

async function linked(scene: Scene): Promise<Client<typeof contract>> {
  const client = scene.connect({ contract });
  await scene.time.until(() => client.state === "connected");
  return client;
}

describe("the contract", () => {
  test("types are inferred on both ends", async () => {
    const scene = new Scene();
    const client = await linked(scene);
    client.on("said", (data) => data.toUpperCase());
    const sum: Promise<number> = client.request("add", 1);
    sum.catch(() => {});
    // @ts-expect-error an event of the server
    expect(() => client.emit("said", "x")).toThrow(ClientError);
    // @ts-expect-error a number where a string belongs
    expect(() => client.emit("say", 5)).toThrow(ClientError);
    client.close();
  });

  test("outgoing data is refused where it is given; incoming data does not reach a listener", async () => {
    const scene = new Scene();
    const client = await linked(scene);
    const seen: unknown[] = [];
    client.on("said", (data) => seen.push(data));
    scene.hub.emit(scene.hub.only, "said", 5);
    scene.hub.emit(scene.hub.only, "constructor", 5);
    scene.hub.emit(scene.hub.only, "said", "fine");
    await scene.time.pass(100);
    expect(seen).toEqual(["fine"]);
    expect(scene.errors).toMatchObject([{ code: "invalid" }, { code: "unknown-name" }]);
    client.close();
  });

  test("`invalid` tells what and where in the shape of PROTOCOL.md §8.2, as the hub's does", async () => {
    const scene = new Scene();
    const issues = [
      { message: "too long", path: ["list", 3, { key: "text" }] },
      { message: "bad" },
    ];
    const nested: Schema<unknown> = {
      "~standard": { version: 1, vendor: "test", validate: () => ({ issues }) },
    };
    const client = scene.connect({
      contract: defineContract({ client: { say: { data: nested } } }),
    });
    let error: unknown;
    try {
      client.emit("say", 1);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: "invalid" });
    expect(String(error)).toContain("list.3.text: too long");
    const { data } = error as ClientError;
    expect(data).toEqual({
      issues: [
        { message: "too long", path: ["list", 3, "text"] },
        { message: "bad", path: [] },
      ],
    });
    client.close();
  });

  test("asynchronous schemas keep the order, out and in", async () => {
    const scene = new Scene();
    const client = await linked(scene);
    const seen: unknown[] = [];
    client.on("slowly", (data) => seen.push(data));
    client.on("said", (data) => seen.push(data));
    client.emit("slow", 1);
    client.emit("say", "two");
    client.emit("slow", "bad" as unknown as number);
    client.emit("slow", 3);
    scene.hub.emit(scene.hub.only, "slowly", 1);
    scene.hub.emit(scene.hub.only, "said", "two");
    scene.hub.emit(scene.hub.only, "slowly", 3);
    await scene.time.pass(100);
    expect(seen).toEqual([1, "two", 3]);
    expect(scene.hub.only.packets).toMatchObject([{ data: 1 }, { data: "two" }, { data: 3 }]);
    expect(scene.errors).toMatchObject([{ code: "invalid" }]);
    client.close();
  });
});

test("§8.2 a second request of the server with the id of a pending one is a protocol error", async () => {
  const scene = new Scene();
  const client = scene.connect();
  client.handle("ask", () => new Promise(() => {}));
  await scene.time.until(() => client.state === "connected");
  const { hub } = scene;
  hub.send(hub.only, { type: "request", id: 1, name: "ask" });
  hub.send(hub.only, { type: "request", id: 1, name: "ask" });
  await scene.time.until(() => client.state === "closed");
  expect(client.failure).toMatchObject({ reason: "protocol", code: 4400 });
});

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

describe("§8.2 requests", () => {
  test("timeout, abort and failure codes; the server is told to stop", async () => {
    const scene = new Scene();
    const client = scene.connect();
    await scene.time.until(() => client.state === "connected");
    const late = expect(client.request("late", 1, { timeoutMs: 1_000 })).rejects.toMatchObject({
      code: "timeout",
    });
    const abort = new AbortController();
    const aborted = expect(client.request("aborted", 1, { signal: abort.signal })).rejects.toBe(
      "enough",
    );
    const failed = expect(client.request("failed", 1)).rejects.toMatchObject({
      code: "no-money",
      data: 3,
    });
    await scene.time.pass(50);
    abort.abort("enough");
    scene.hub.send(scene.hub.only, {
      type: "failure",
      id: 3,
      code: "no-money",
      message: "",
      data: 3,
    });
    await scene.time.pass(2_000);
    await Promise.all([late, aborted, failed]);
    expect(scene.hub.only.packets.slice(3)).toEqual([
      { type: "abort", id: 2 },
      { type: "abort", id: 1 },
    ]);
    client.close();
  });

  test("a wait that makes no sense is refused, and the longest is none on the wire", async () => {
    const scene = new Scene();
    const client = scene.connect();
    await scene.time.until(() => client.state === "connected");
    for (const wrong of [0, -1, Number.NaN, "5 s" as unknown as number]) {
      await expect(client.request("x", 1, { timeoutMs: wrong })).rejects.toThrow(
        `timeoutMs is ${wrong}: give more than 0.`,
      );
    }
    for (const timeoutMs of [1e16, Number.POSITIVE_INFINITY]) {
      client.request("x", 1, { timeoutMs }).catch(() => {});
    }
    await scene.time.pass(50);
    expect(scene.hub.only.packets).toEqual([
      { type: "request", id: 1, name: "x", data: 1 },
      { type: "request", id: 2, name: "x", data: 1 },
    ]);
    expect(client.state).toBe("connected");
    client.close();
  });

  test("a name that is none is said to be none", async () => {
    const client = new Scene().connect();
    for (const name of [undefined, 5, "", "a\nb"] as string[]) {
      expect(() => client.emit(name)).toThrow("is no name: 1 to 128 characters");
    }
    client.close();
  });

  test("one that timed out in the outbox never leaves", async () => {
    const scene = new Scene();
    scene.hub.everything = "refused";
    const client = scene.connect();
    const late = expect(client.request("late", 1, { timeoutMs: 1_000 })).rejects.toMatchObject({
      code: "timeout",
    });
    await scene.time.pass(1_500);
    await late;
    scene.hub.everything = "fine";
    await scene.time.until(() => client.state === "connected");
    await scene.time.pass(500);
    expect(scene.hub.only.packets).toEqual([]);
    client.close();
  });

  test("of the server: reply, failure, invalid data, no handler, abort", async () => {
    const scene = new Scene();
    const client = await linked(scene);
    client.handle("ask", async (text, { signal }) => {
      if (text === "fail") throw new ClientError("tired", "Not now.");
      if (text === "crash") throw new Error("secret detail");
      if (text === "wait")
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return text === "yes";
    });
    const ask = (id: number, data: unknown, name = "ask"): void =>
      scene.hub.send(scene.hub.only, { type: "request", id, name, data });
    ask(1, "yes");
    ask(2, "fail");
    ask(3, "crash");
    ask(4, 5);
    ask(5, "x", "nobody");
    ask(6, "wait");
    await scene.time.pass(50);
    scene.hub.send(scene.hub.only, { type: "abort", id: 6 });
    await scene.time.pass(100);
    const answers = scene.hub.only.packets.map((packet) =>
      "code" in packet ? packet.code : "data" in packet && packet.data,
    );
    expect(answers.sort()).toEqual(["internal", "invalid", "tired", true, "unknown-name"].sort());
    expect(JSON.stringify(scene.hub.only.packets)).not.toContain("secret detail");
    client.close();
  });
});

describe("§8.3 streams", () => {
  test("a last word that cannot be sent is refused at once, also before the stream is open", async () => {
    const scene = new Scene();
    const client = scene.connect();
    const stream = client.stream("count");
    expect(() => stream.end(new Map())).toThrow("Map");
    stream.end("done");
    await scene.time.until(() => client.state === "connected");
    await scene.time.pass(100);
    expect(scene.hub.only.packets).toMatchObject([{ type: "open" }, { type: "end", data: "done" }]);
  });

  test("items wait for credit, survive drops, and end with a last word", async () => {
    const scene = new Scene(1, { streamItems: 4 });
    const client = scene.connect();
    await scene.time.until(() => client.state === "connected");
    const stream = client.stream("count", { from: 1 });
    let written = 0;
    const writing = (async () => {
      for (let i = 0; i < 10; i += 1) {
        await stream.write(i);
        written += 1;
      }
      stream.end("done");
    })();
    await scene.time.pass(100);
    expect(written).toBe(0);
    const grant = (credit: number): void =>
      scene.hub.send(scene.hub.only, { type: "credit", stream: 1, credit });
    grant(4);
    await scene.time.pass(100);
    expect(written).toBe(4);
    scene.hub.cutAll();
    for (let i = 0; i < 3; i += 1) {
      await scene.time.pass(2_000);
      grant(2);
    }
    await scene.time.pass(2_000);
    await writing;
    scene.hub.send(scene.hub.only, { type: "data", stream: 1, data: "a" });
    scene.hub.send(scene.hub.only, { type: "data", stream: 1, data: "b" });
    scene.hub.send(scene.hub.only, { type: "end", stream: 1, data: 10 });
    await scene.time.pass(100);
    const items: unknown[] = [];
    for await (const item of stream) items.push(item);
    expect(items).toEqual(["a", "b"]);
    await expect(stream.result).resolves.toBe(10);
    expect(stream.isOver).toBe(true);
    const sent = scene.hub.only.packets.filter(({ type }) => type === "data");
    expect(sent.map((packet) => "data" in packet && packet.data)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
    client.close();
  });

  test("a cancel after their end is about our items: theirs are read to the end", async () => {
    const scene = new Scene();
    const client = scene.connect();
    await scene.time.until(() => client.state === "connected");
    const stream = client.stream("tokens");
    const read = (async () => {
      const items: unknown[] = [];
      for await (const item of stream) items.push(item);
      return [items, await stream.result];
    })();
    await scene.time.pass(50);
    const hub = scene.hub.only;
    for (const data of ["a", "b"]) scene.hub.send(hub, { type: "data", stream: 1, data });
    scene.hub.send(hub, { type: "end", stream: 1, data: "last" });
    scene.hub.send(hub, { type: "cancel", stream: 1, code: "aborted", message: "no longer read" });
    await scene.time.pass(50);
    await expect(read).resolves.toEqual([["a", "b"], "last"]);
    await expect(stream.write("c")).rejects.toMatchObject({ code: "aborted" });
    client.close();
  });

  test("cancel from there, from here, by leaving the loop, by a lost session", async () => {
    const scene = new Scene();
    const client = scene.connect();
    await scene.time.until(() => client.state === "connected");
    const streams = ["a", "b", "c", "d"].map((name) => client.stream(name)) as [
      ClientStream,
      ClientStream,
      ClientStream,
      ClientStream,
    ];
    await scene.time.pass(50);
    scene.hub.send(scene.hub.only, {
      type: "cancel",
      stream: 1,
      code: "no",
      message: "Not today.",
    });
    scene.hub.send(scene.hub.only, { type: "data", stream: 5, data: 1 });
    streams[1].cancel("enough");
    await scene.time.pass(50);
    await expect(streams[0].result).rejects.toMatchObject({ code: "no", message: "Not today." });
    await expect(streams[0].write(1)).rejects.toMatchObject({ code: "no" });
    await expect(streams[1].result).rejects.toMatchObject({ code: "enough" });
    for await (const _ of streams[2]) break;
    await scene.time.pass(50);
    const cancels = scene.hub.only.packets.filter(({ type }) => type === "cancel");
    expect(cancels).toMatchObject([{ stream: 3 }, { stream: 5 }]);
    scene.hub.restart();
    await scene.time.until(() => scene.hub.held.size === 1, 10_000);
    await scene.time.pass(100);
    await expect(streams[3].result).rejects.toMatchObject({ code: "lost" });
    client.close();
  });

  test("the server opens one: the handler reads and writes; without a handler it is refused", async () => {
    const scene = new Scene();
    const client = await linked(scene);
    const read: unknown[] = [];
    client.onStream("pipe", async (stream) => {
      for await (const item of stream) {
        read.push(item);
        await stream.write(read.length);
      }
      return "done";
    });
    const { hub } = scene;
    hub.send(hub.only, { type: "open", stream: 0, name: "pipe", credit: 8 });
    hub.send(hub.only, { type: "open", stream: 2, name: "nobody", credit: 8 });
    await scene.time.pass(50);
    hub.send(hub.only, { type: "data", stream: 0, data: "x" });
    hub.send(hub.only, { type: "data", stream: 0, data: "y" });
    hub.send(hub.only, { type: "end", stream: 0 });
    await scene.time.pass(100);
    expect(read).toEqual(["x", "y"]);
    expect(hub.only.packets).toMatchObject([
      { type: "credit", stream: 0 },
      { type: "cancel", stream: 2, code: "unknown-name" },
      { type: "data", stream: 0, data: 1 },
      { type: "data", stream: 0, data: 2 },
      { type: "end", stream: 0, data: "done" },
    ]);
    client.close();
  });

  test("a last word that cannot be sent cancels the stream, and is reported", async () => {
    const scene = new Scene();
    const client = await linked(scene);
    client.onStream("pipe", () => new Map());
    const { hub } = scene;
    hub.send(hub.only, { type: "open", stream: 0, name: "pipe", credit: 8 });
    hub.send(hub.only, { type: "end", stream: 0 });
    await scene.time.pass(100);
    expect(hub.only.packets.at(-1)).toMatchObject({ type: "cancel", stream: 0, code: "internal" });
    expect(scene.errors).toMatchObject([{ name: "DataError" }]);
    client.close();
  });
});
