import { describe, expect, test } from "vitest";
import { ClientError } from "../src/index.js";
import { Scene } from "./support/scene.js";
import { linked } from "./support/typed-client.js";

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
