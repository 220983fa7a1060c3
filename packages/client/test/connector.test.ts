import { describe, expect, test } from "vitest";
import { backoff } from "../src/backoff.js";
import type { Failure } from "../src/index.js";
import { backoffMsMax } from "../src/limits.js";
import { Random } from "./support/random.js";
import { Scene } from "./support/scene.js";

describe("falling back", () => {
  for (const weather of ["refused", "hangs", "buffers", "html", 502] as const) {
    test(`a WebSocket that ${weather}: the next transport works within 6 seconds`, async () => {
      const scene = new Scene();
      scene.hub.weather.websocket = weather;
      const client = scene.connect();
      await scene.time.until(() => client.state === "connected", 6_000);
      expect(client.transport).toBe("sse");
      client.close();
    });
  }

  for (const weather of ["hangs", "buffers", "html", "html-200", "empty-200", 403, 502] as const) {
    test(`WebSocket, SSE and streams that meet ${weather}: polling works within seconds`, async () => {
      const scene = new Scene();
      Object.assign(scene.hub.weather, { websocket: "refused", sse: weather, stream: weather });
      const client = scene.connect();
      await scene.time.until(() => client.state === "connected", 12_000);
      expect(client.transport).toBe("long-polling");
      client.emit("up", 1);
      await scene.time.pass(1_000);
      expect(scene.hub.latest.packets).toMatchObject([{ data: 1 }]);
      client.close();
    });
  }

  test("without an answer of anybody one round costs two requests, not five", async () => {
    const scene = new Scene();
    scene.hub.everything = "refused";
    const client = scene.connect();
    const failures: Failure[] = [];
    client.watch("failure", (failure) => failures.push(failure));
    await scene.time.until(() => failures.length === 1);
    expect(scene.hub.log).toEqual(["websocket", "sse"]);
    expect(failures[0]).toMatchObject({ reason: "refused" });
    client.close();
  });

  test("an address where no hub is: the failure says what answered, and what to look at", async () => {
    const scene = new Scene();
    scene.hub.everything = "html";
    const client = scene.connect();
    const failures: Failure[] = [];
    client.watch("failure", (failure) => failures.push(failure));
    await scene.time.until(() => failures.length === 1);
    expect(failures[0]).toMatchObject({
      reason: "unavailable",
      status: 404,
      detail: "something that is no hub answered 404 text/html: is the hub attached at this path?",
    });
    client.close();
  });

  test("the transport that worked is tried first the next time, for a day", async () => {
    const scene = new Scene();
    scene.hub.weather.websocket = "hangs";
    const first = scene.connect();
    await scene.time.until(() => first.state === "connected");
    first.close();
    scene.hub.log.length = 0;
    const second = scene.connect();
    await scene.time.until(() => second.state === "connected");
    expect(scene.hub.log[0]).toBe("sse");
    second.close();
    await scene.time.pass(90_000_000);
    scene.hub.log.length = 0;
    const third = scene.connect();
    await scene.time.pass(1);
    expect(scene.hub.log).toEqual(["websocket"]);
    third.close();
  });

  test("storage that throws or holds nonsense is as if there was none", async () => {
    const scene = new Scene();
    const refuse = (): never => {
      throw new Error("blocked");
    };
    const client = scene.connect({ platform: { storage: { getItem: refuse, setItem: refuse } } });
    await scene.time.until(() => client.state === "connected");
    expect(client.transport).toBe("websocket");
    client.close();
    scene.storage.set("tidewire:transport:https://hub.test/tidewire", "__proto__ NaN");
    const other = scene.connect();
    await scene.time.until(() => other.state === "connected");
    expect(other.transport).toBe("websocket");
    other.close();
  });

  test("a transport that is cut soon after each welcome is tried last", async () => {
    const scene = new Scene();
    const client = scene.connect();
    client.watch("linked", ({ transport }) => {
      if (transport === "websocket") scene.time.after(500, () => scene.hub.cutAll());
    });
    await scene.time.until(() => client.transport === "sse", 30_000);
    client.close();
  });
});

describe("§10.10 moving", () => {
  test("a better transport is taken live, in a burst, without loss, repetition or disorder", async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const scene = new Scene(seed);
      const { hub, time } = scene;
      hub.latencyMs = 5 + hub.random.below(100);
      hub.weather.websocket = "refused";
      const client = scene.connect();
      const seen: unknown[] = [];
      const transports: unknown[] = [];
      client.on("down", (data) => seen.push(data));
      client.watch("linked", ({ transport }) => transports.push(transport));
      await time.until(() => client.state === "connected");
      for (let i = 0; i < 300; i += 1) {
        client.emit("up", i);
        hub.emit(hub.only, "down", i);
        await time.pass(hub.random.below(200));
        if (i === 50) hub.weather.websocket = "fine";
        if (i === 200) {
          hub.weather.websocket = "hangs";
          for (const socket of [...hub.sockets]) socket.cut();
        }
      }
      hub.weather.websocket = "fine";
      await time.pass(200_000);
      const numbers = Array.from({ length: 300 }, (_, i) => i);
      expect(hub.only.packets.map((packet) => "data" in packet && packet.data)).toEqual(numbers);
      expect(seen).toEqual(numbers);
      expect(transports[0]).toBe("sse");
      expect(transports).toContain("websocket");
      expect(client.transport).toBe("websocket");
      client.close();
    }
  });

  test("attempts at a better transport become rarer, and a signal makes them soon again", async () => {
    const scene = new Scene();
    scene.hub.weather.websocket = "refused";
    const client = scene.connect();
    await scene.time.until(() => client.state === "connected");
    scene.hub.log.length = 0;
    await scene.time.pass(3_600_000);
    const attempts = scene.hub.log.filter((path) => path === "websocket").length;
    expect(attempts).toBeGreaterThan(25);
    expect(attempts).toBeLessThan(80);
    scene.hub.weather.websocket = "fine";
    scene.signal("retry");
    await scene.time.until(() => client.transport === "websocket", 2_000);
    client.close();
  });
});

describe("backoff", () => {
  test("is spread evenly from 0 to its ceiling, at the cap too", () => {
    const random = new Random(5);
    for (const failures of [0, 3, 10, 1_000]) {
      const ceiling = Math.min(backoffMsMax, 1_000 * 2 ** Math.min(failures, 16));
      const buckets = [0, 0, 0, 0];
      for (let i = 0; i < 4_000; i += 1) {
        const delay = backoff(failures, random.next());
        expect(delay).toBeLessThan(ceiling);
        buckets[Math.floor((delay / ceiling) * 4)]! += 1;
      }
      for (const count of buckets) expect(count).toBeGreaterThan(850);
    }
  });

  test("the server's delay is a minimum, and the jitter comes on top", () => {
    expect(backoff(0, 0, 60_000)).toBe(60_000);
    expect(backoff(0, 0.5, 60_000)).toBe(60_500);
  });

  test("4002 with retryMs: no attempt before", async () => {
    const scene = new Scene();
    const client = scene.connect();
    await scene.time.until(() => client.state === "connected");
    scene.hub.log.length = 0;
    scene.hub.only.session.unlink(4002, "", scene.time.now, { retryMs: 20_000 });
    await scene.time.pass(19_900);
    expect(scene.hub.log).toEqual([]);
    await scene.time.pass(1_200);
    expect(scene.hub.log).toEqual(["websocket"]);
    client.close();
  });

  test("a hub that is overloaded gets no attempts on other transports", async () => {
    const scene = new Scene();
    scene.hub.refuse = () => ({ code: 4503, retryMs: 5_000 });
    const client = scene.connect();
    await scene.time.pass(4_000);
    expect(scene.hub.log).toEqual(["websocket"]);
    expect(client.failure).toMatchObject({ reason: "overloaded", code: 4503 });
    client.close();
  });
});

describe("signals", () => {
  test("online: a waiting client tries at once", async () => {
    const scene = new Scene();
    const client = scene.connect();
    await scene.time.until(() => client.state === "connected");
    scene.hub.everything = "refused";
    scene.isOnline = false;
    scene.hub.cutAll();
    await scene.time.pass(60_000);
    expect(client.state).toBe("offline");
    expect(client.failure).toMatchObject({ reason: "offline" });
    scene.hub.everything = "fine";
    scene.isOnline = true;
    scene.signal("retry");
    await scene.time.until(() => client.state === "connected", 500);
    client.close();
  });

  test("retry(): a waiting client tries at once, one with a link looks whether it is alive", async () => {
    const scene = new Scene();
    const client = scene.connect();
    client.retry();
    await scene.time.until(() => client.state === "connected");
    const { length } = scene.hub.log;
    client.retry();
    await scene.time.pass(1_000);
    expect(client.state).toBe("connected");
    expect(scene.hub.log).toHaveLength(length);
    scene.hub.everything = "refused";
    scene.hub.cutAll();
    const waits: number[] = [];
    client.watch("failure", (_, retryInMs) => waits.push(retryInMs));
    await scene.time.until(() => (waits.at(-1) ?? 0) > 5_000, 600_000);
    scene.hub.everything = "fine";
    client.retry();
    await scene.time.until(() => client.state === "connected", 1_000);
    client.close();
    client.retry();
    expect(client.state).toBe("closed");
  });

  test("§7.3 a machine that slept doubts its link and finds it dead within the patience", async () => {
    const scene = new Scene();
    const client = scene.connect();
    await scene.time.until(() => client.state === "connected");
    await scene.time.pass(1_000);
    scene.hub.everything = "hangs";
    scene.time.leap(3_600_000);
    await scene.time.until(() => client.state !== "connected", 45_000);
    scene.hub.everything = "fine";
    await scene.time.until(() => client.state === "connected", 60_000);
    client.close();
  });

  test("a page in the back/forward cache has no link, and gets one when it is shown", async () => {
    const scene = new Scene();
    const client = scene.connect();
    await scene.time.until(() => client.state === "connected");
    scene.signal("freeze");
    await scene.time.pass(50);
    expect(scene.hub.sockets.size).toBe(0);
    await scene.time.pass(60_000);
    expect(scene.hub.sockets.size).toBe(0);
    scene.signal("retry");
    await scene.time.until(() => client.state === "connected", 1_000);
    expect(scene.hub.held.size).toBe(1);
    client.close();
  });

  test("a page that is left says goodbye, and leaves nothing behind", async () => {
    const scene = new Scene();
    const client = scene.connect();
    await scene.time.until(() => client.state === "connected");
    scene.signal("unload");
    await scene.time.pass(100);
    expect(scene.hub.held.size).toBe(0);
    expect(client.state).toBe("closed");
    expect(scene.watchers).toBe(0);
    expect(scene.time.size).toBeLessThan(5);
  });

  test("a clock set back an hour delays nothing", async () => {
    const scene = new Scene();
    let offset = 0;
    const client = scene.connect({ platform: { now: () => scene.time.now + offset } });
    await scene.time.until(() => client.state === "connected");
    offset = -3_600_000;
    scene.hub.cutAll();
    await scene.time.until(() => client.state !== "connected");
    await scene.time.until(() => client.state === "connected", 5_000);
    client.close();
  });
});

describe("why it did not connect", () => {
  const cases = [
    [4403, "forbidden"],
    [4426, "version"],
    [4400, "protocol"],
    [4401, "unauthorised"],
  ] as const;
  for (const [code, reason] of cases) {
    for (const transports of [["websocket"], ["sse"], ["stream"], ["long-polling"]] as const) {
      test(`§11 ${code} over ${transports[0]} ends with "${reason}"`, async () => {
        const scene = new Scene();
        scene.hub.refuse = () => ({ code });
        const client = scene.connect({ transports });
        const ready = expect(client.ready()).rejects.toMatchObject({
          code: "closed",
          data: { reason, code },
        });
        await scene.time.pass(1_000);
        await ready;
        expect(client.state).toBe("closed");
        expect(scene.hub.hellos.length).toBeLessThan(3);
      });
    }
  }

  test("only WebSocket, and it is blocked: a probe says that the hub is there", async () => {
    const scene = new Scene();
    scene.hub.weather.websocket = "refused";
    const client = scene.connect({ transports: ["websocket"] });
    await scene.time.until(() => client.failure !== undefined);
    expect(client.failure).toMatchObject({ reason: "blocked" });
    expect(scene.hub.hellos[0]).toMatchObject({ version: 0 });
    expect(scene.hub.held.size).toBe(0);
    client.close();
  });

  test("only WebSocket, its reason hidden: the probe tells of the origin", async () => {
    const scene = new Scene();
    scene.hub.weather.websocket = "refused";
    scene.hub.refuse = () => ({ code: 4403 });
    const client = scene.connect({ transports: ["websocket"] });
    await scene.time.until(() => client.state === "closed");
    expect(client.failure).toMatchObject({ reason: "forbidden", code: 4403 });
  });

  test("no secret and no token in any URL, storage or failure", async () => {
    const scene = new Scene();
    const urls: string[] = [];
    const fetch: typeof globalThis.fetch = (input, init) => {
      urls.push(`${String(input)} ${JSON.stringify([...new Headers(init?.headers)])}`);
      return scene.hub.fetch(input, init);
    };
    for (const transport of ["websocket", "sse", "stream", "long-polling", "polling"] as const) {
      const client = scene.connect({
        transports: [transport],
        token: "s3cret-token",
        platform: { fetch },
      });
      await scene.time.until(() => client.state === "connected");
      client.emit("up", 1);
      await scene.time.pass(5_000);
      for (const socket of scene.hub.sockets) urls.push(socket.url);
      const { secret } = scene.hub.latest;
      scene.hub.restart();
      scene.hub.refuse = () => ({ code: 4403 });
      await scene.time.until(() => client.state === "closed");
      scene.hub.refuse = () => undefined;
      const told = JSON.stringify([urls, [...scene.storage], client.failure]);
      expect(told).not.toContain(secret);
      expect(told).not.toContain("s3cret-token");
    }
    expect(urls.length).toBeGreaterThan(10);
  });

  test("silence everywhere is a timeout", async () => {
    const scene = new Scene();
    scene.hub.everything = "hangs";
    const client = scene.connect();
    await scene.time.until(() => client.failure !== undefined, 30_000);
    expect(client.failure).toMatchObject({ reason: "timeout" });
    client.close();
  });

  test("a platform without WebSocket says so, and goes on with the others", async () => {
    const scene = new Scene();
    const client = scene.connect({ platform: { WebSocket: undefined } });
    await scene.time.until(() => client.state === "connected");
    expect(client.transport).toBe("sse");
    client.close();
    const only = scene.connect({ platform: { WebSocket: undefined }, transports: ["websocket"] });
    await scene.time.until(() => only.failure !== undefined);
    expect(only.failure?.reason).toBe("unavailable");
    expect(only.failure?.detail).toContain("@tidewire/client/node");
    only.close();
  });

  test("URLs and options that can never work are refused at once", () => {
    const scene = new Scene();
    const platform = scene.platform();
    const attempts = ["ftp://hub.test/", "https://me:secret@hub.test/", "nothing"];
    for (const url of attempts) {
      expect(
        () => new (Object.getPrototypeOf(scene.connect()).constructor)(url, { platform }),
      ).toThrow(TypeError);
    }
    expect(() => scene.connect({ transports: [] })).toThrow(TypeError);
    expect(() => scene.connect({ transports: ["sse", "sse"] })).toThrow(TypeError);
  });
});
