import { describe, expect, test } from "vitest";
import type { ClientStream } from "../src/index.js";
import { Scene } from "./support/scene.js";
import { linked } from "./support/typed-client.js";

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
