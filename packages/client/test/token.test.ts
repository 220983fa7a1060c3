import { describe, expect, test } from "vitest";
import { Alarms } from "../src/alarms.js";
import { TokenSource } from "../src/token-source.js";
import { Scene } from "./support/scene.js";
import { settled } from "./support/virtual-time.js";

describe("§7.4 the token", () => {
  test("a provider is asked by one call at a time, and again only when its token is forgotten", async () => {
    const scene = new Scene();
    const calls: ((token: string) => void)[] = [];
    const source = new TokenSource(
      () => new Promise((resolve) => calls.push(resolve)),
      new Alarms(scene.platform(), () => {}),
    );
    const [one, two] = [source.get(), source.get()];
    await settled();
    expect(calls.length).toBe(1);
    calls[0]?.("first");
    expect([await one, await two]).toEqual(["first", "first"]);
    expect(await source.get()).toBe("first");
    expect(calls.length).toBe(1);
    source.forget();
    source.get();
    source.forget();
    source.get();
    await settled();
    expect(calls.length).toBe(2);
  });

  test("is renewed in time, over the same link", async () => {
    const scene = new Scene();
    scene.hub.renewMs = 60_000;
    let count = 0;
    const client = scene.connect({ token: async () => `token-${++count}` });
    await scene.time.until(() => client.state === "connected");
    expect(scene.hub.hellos[0]?.token).toBe("token-1");
    await scene.time.pass(46_000);
    expect(scene.hub.only.tokens).toEqual(["token-2"]);
    expect(scene.hub.hellos.length).toBe(1);
    client.close();
  });

  test("4401: a new one is tried once, and works", async () => {
    const scene = new Scene();
    scene.hub.refuse = ({ token }) => (token === "stale" ? { code: 4401 } : undefined);
    const tokens = ["stale", "good"];
    const client = scene.connect({ token: () => tokens.shift() ?? "none" });
    await scene.time.until(() => client.state === "connected", 1_000);
    expect(scene.hub.hellos.map(({ token }) => token)).toEqual(["stale", "good"]);
    client.close();
  });

  test("4401 twice: the client gives up and says why; nothing loops", async () => {
    const scene = new Scene();
    scene.hub.refuse = () => ({ code: 4401 });
    let calls = 0;
    const client = scene.connect({ token: () => `token-${++calls}` });
    await scene.time.pass(100_000);
    expect(client.state).toBe("closed");
    expect(client.failure).toMatchObject({ reason: "unauthorised", code: 4401 });
    expect(calls).toBe(2);
    expect(JSON.stringify(client.failure)).not.toContain("token-");
  });

  test("4402 on a live link: the next link has a new token, and the session goes on", async () => {
    const scene = new Scene();
    let calls = 0;
    const client = scene.connect({ token: () => `token-${++calls}` });
    await scene.time.until(() => client.state === "connected");
    client.emit("up", 1);
    await scene.time.pass(100);
    const { session } = client;
    scene.hub.only.session.unlink(4402, "", scene.time.now);
    await scene.time.pass(1_000);
    expect(client.state).toBe("connected");
    expect(client.session).toBe(session);
    expect(scene.hub.hellos.at(-1)?.token).toBe("token-2");
    client.close();
  });

  test("a provider that throws is a failure with its cause, and is asked again after the backoff", async () => {
    const scene = new Scene();
    let isDown = true;
    const client = scene.connect({
      token: () => {
        if (isDown) throw new Error("identity service down");
        return "good";
      },
    });
    await scene.time.until(() => client.failure !== undefined);
    expect(client.failure).toMatchObject({
      reason: "token",
      cause: { message: "identity service down" },
    });
    isDown = false;
    await scene.time.until(() => client.state === "connected", 10_000);
    client.close();
  });

  test("a provider that hangs does not hang the client", async () => {
    const scene = new Scene();
    const client = scene.connect({ token: () => new Promise<string>(() => {}) });
    await scene.time.until(() => client.failure !== undefined, 40_000);
    expect(client.failure).toMatchObject({ reason: "token" });
    client.close();
  });

  test.each([
    ["no string", () => ({ token: "x" }) as never],
    ["16,385 characters", () => "x".repeat(16_385)],
  ])("of a provider that gives %s: the failure says so, and holds no token", async (_, token) => {
    const scene = new Scene();
    const client = scene.connect({ token });
    await scene.time.until(() => client.failure !== undefined);
    expect(client.failure).toMatchObject({
      reason: "token",
      detail: "the token provider failed: The token is no string, or above 16384 characters.",
    });
    client.close();
    const longest = scene.connect({ token: () => "x".repeat(16_384) });
    await scene.time.until(() => longest.state === "connected");
    longest.close();
  });

  test("what a provider throws may be a secret: it is the cause, and not in the words", async () => {
    const scene = new Scene();
    const client = scene.connect({ token: () => Promise.reject(new Error("hunter2")) });
    await scene.time.until(() => client.failure !== undefined);
    expect(client.failure?.detail).toBe("the token provider failed");
    expect(client.failure?.cause).toMatchObject({ message: "hunter2" });
    client.close();
  });
});
