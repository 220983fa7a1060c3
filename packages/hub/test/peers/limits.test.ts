import { describe, expect, test } from "vitest";
import { Hub } from "../../src/index.js";
import { setup } from "../support/setup.js";

describe("rates", () => {
  test("events over the rate wait in order, and none is lost", async () => {
    const { hub, joined, world } = setup({ limits: { eventsPerSecond: 10, eventsBurst: 5 } });
    const heard: unknown[] = [];
    hub.on("n", (_peer, n) => heard.push(n));
    const client = await joined();
    for (let n = 0; n < 25; n += 1) client.emit("n", n);
    await world.settle();
    expect(heard).toHaveLength(5);
    await world.pass(1_000);
    expect(heard.length).toBeGreaterThanOrEqual(14);
    expect(heard.length).toBeLessThanOrEqual(15);
    await world.pass(1_100);
    expect(heard).toEqual(Array.from({ length: 25 }, (_, n) => n));
  });

  test("a flood of events that nobody can take ends the session with 4429, and it comes back fresh", async () => {
    const { hub, joined, world } = setup({
      limits: { eventsPerSecond: 1, eventsBurst: 1, inboxEntries: 10 },
    });
    hub.on("n", () => {});
    const [client, other] = [await joined(), await joined()];
    for (let n = 0; n < 12; n += 1) client.emit("n", n);
    await world.settle();
    expect(client.byes).toMatchObject([{ code: 4429, retryMs: 1_000 }]);
    await client.join();
    expect(client.links.at(-1)).toMatchObject({ answer: "fresh", reason: "unknown" });
    expect(other.session.live).toBeDefined();
  });

  test("n fits, and volatile events and requests over it cost only themselves", async () => {
    const { hub, joined, world } = setup({
      limits: { eventsPerSecond: 1, eventsBurst: 1, inboxEntries: 10 },
    });
    hub.on("n", () => {});
    hub.handle("ask", () => 1);
    const client = await joined();
    for (let n = 0; n < 11; n += 1) client.emit("n", n);
    for (let n = 0; n < 5; n += 1) client.emitVolatile("n", n);
    const answer = client.request("ask");
    await world.settle();
    expect(await answer).toMatchObject({ code: "busy" });
    expect(client.byes).toEqual([]);
    expect(hub.stats().inboxEntries).toBe(10);
  });

  test("bytes over the rate wait too", async () => {
    const { hub, joined, world } = setup({ limits: { bytesPerSecond: 1_000, bytesBurst: 1_000 } });
    let heard = 0;
    hub.on("n", () => {
      heard += 1;
    });
    const client = await joined();
    for (let n = 0; n < 5; n += 1) client.emit("n", "x".repeat(700));
    await world.settle();
    expect(heard).toBe(1);
    await world.pass(5_000);
    expect(heard).toBe(5);
  });
});

describe("§7.5 slow consumers", () => {
  const limits = { logEntries: 10, heartbeatMs: 600_000 };

  test("policy `gap`: the link is closed with 4004, the next welcome says how many are lost", async () => {
    const { hub, joined, world } = setup({ limits });
    const [slow, quick] = [await joined(), await joined()];
    slow.carrier.stall();
    for (let n = 0; n < 30; n += 1) {
      hub.emit("n", n);
      await world.settle();
    }
    expect(slow.carrier.closed).toBe(4004);
    expect(quick.events).toHaveLength(30);
    slow.carrier.cut();
    await slow.join();
    expect(slow.links.at(-1)).toMatchObject({ answer: "gap", reason: "overflow", lost: 20 });
    expect(slow.events.map(({ data }) => data)).toEqual(
      Array.from({ length: 10 }, (_, n) => 20 + n),
    );
    expect(hub.stats().retainedEntries).toBeLessThanOrEqual(20);
  });

  test("§5.7 a request that was evicted fails with `gap` at the next link, not at its deadline", async () => {
    const { hub, joined, world } = setup({ limits });
    const slow = await joined();
    const [peer] = hub.peers();
    slow.carrier.stall();
    hub.emit("n", -1);
    const code = peer!.request("where", undefined, { timeoutMs: 500_000 }).then(
      () => "answered",
      (error: { code: string }) => error.code,
    );
    for (let n = 0; n < 30; n += 1) hub.emit("n", n);
    await world.settle();
    slow.carrier.cut();
    await slow.join();
    expect(hub.stats().requests).toBe(0);
    expect(await code).toBe("gap");
  });

  test("policy `end`: 4007, and the session is over", async () => {
    const { hub, joined, world } = setup({ limits, slow: "end" });
    const over: unknown[] = [];
    hub.on("disconnect", (_peer, { code }) => over.push(code));
    const slow = await joined();
    slow.carrier.stall();
    for (let n = 0; n < 12; n += 1) hub.emit("n", n);
    await world.settle();
    expect(over).toEqual([4007]);
    expect(slow.carrier.closed).toBe(4007);
    expect(hub.stats().sessions).toBe(0);
  });

  test("§g a room with a hundred stuck readers: the others get everything, memory stays in the budget", async () => {
    const { hub, world, client } = setup({ limits: { logEntries: 64, heartbeatMs: 600_000 } });
    hub.on("connect", (peer) => {
      peer.join("room");
    });
    const all = [];
    for (let i = 0; i < 300; i += 1) all.push(await client({ address: `${i}` }).join());
    const stuck = all.slice(0, 100);
    for (const one of stuck) one.carrier.stall();
    for (let n = 0; n < 500; n += 1) {
      hub.to("room").emit("n", n);
      if (n % 8 === 7) await world.pass(1);
    }
    await world.pass(2_000);
    for (const one of all.slice(100)) {
      expect(one.events.map(({ data }) => data)).toEqual(Array.from({ length: 500 }, (_, n) => n));
    }
    for (const peer of hub.peers()) expect(peer.retained.entries).toBeLessThanOrEqual(64);
  });
});

describe("limits", () => {
  test("a limit that is no whole number of at least 1 is refused by name", () => {
    expect(() => setup({ limits: { rooms: 0 } })).toThrow(/limits\.rooms is 0/);
    expect(() => setup({ limits: { clusterMs: 1.5 } })).toThrow(/limits\.clusterMs is 1.5/);
    expect(() => setup({ limits: { messageBytes: 0 } })).toThrow(/limits\.messageBytes is 0/);
  });

  test("§9 a POST has room for the largest message and 1,024 bytes besides", () => {
    const limits = { messageBytes: 5_000_000 };
    expect(() => setup({ limits: { ...limits, batchBytes: 5_001_023 } })).toThrow(
      /limits\.batchBytes is 5001023, and 5001024 are needed/,
    );
    expect(() => setup({ limits: { ...limits, batchBytes: 5_001_024 } })).not.toThrow();
    expect(() => setup({ limits })).not.toThrow();
  });

  test("an option or a limit that a hub does not have is refused by name, not ignored", () => {
    const wrong: [object, string][] = [
      [{ limit: {} }, 'A hub has no option "limit"; it has contract, limits'],
      [{ __proto__: null, toString: 1 }, 'A hub has no option "toString"'],
      [{ rooms: {} }, "The option rooms is a value of type object, not of type function."],
      [{ onError: null }, "The option onError is null, not of type function."],
      [
        { origins: 5 },
        "The option origins is a value of type number, not of type string or object or",
      ],
      [{ slow: "drop" }, 'The option slow is "drop": give "gap" or "end".'],
      [{ limits: { eventPerSecond: 5 } }, "limits.eventPerSecond is no limit of a hub"],
      [{ limits: { toString: 5 } }, "limits.toString is no limit of a hub"],
    ];
    for (const [options, message] of wrong) expect(() => new Hub(options)).toThrow(message);
    expect(() => new Hub(null as never)).toThrow("A hub takes its options (contract, ");
    expect(new Hub({ rooms: undefined as never }).limits.sessions).toBe(100_000);
  });

  test("what is to be called must be a function, and an upload needs its limit, at the registration", () => {
    const { hub } = setup();
    const nothing = undefined as never;
    expect(() => hub.on("connect", nothing)).toThrow('hub.on("connect") needs a function');
    expect(() => hub.handle("x", nothing)).toThrow('hub.handle("x") needs a function');
    expect(() => hub.onStream("x", nothing)).toThrow('hub.onStream("x") needs a function');
    expect(() => hub.onAny(nothing)).toThrow("hub.onAny needs a function");
    expect(() => hub.onLink(nothing)).toThrow("hub.onLink needs a function");
    expect(() => hub.onRefused(nothing)).toThrow("hub.onRefused needs a function");
    expect(() => hub.use(nothing)).toThrow("hub.use needs a function, and was given undefined.");
    expect(() => hub.useConnect(nothing)).toThrow("hub.useConnect needs a function");
    expect(() => hub.authenticate(nothing)).toThrow("hub.authenticate needs a function");
    for (const options of [{ maxSize: 5 }, { sizeMax: "5" }, { sizeMax: Number.NaN }]) {
      expect(() => hub.onUpload("x", options as never, () => {})).toThrow("sizeMax is");
    }
    const types = "image/png" as never;
    expect(() => hub.onUpload("x", { sizeMax: 5, types }, () => {})).toThrow(
      "types must be a list",
    );
    hub.onUpload("x", { sizeMax: Number.POSITIVE_INFINITY }, () => {});
  });

  test("D6 a wildcard origin is refused at start", () => {
    expect(() => setup({ origins: ["*"] })).toThrow(/"\*"/);
  });

  test("sessions at n and n+1: 4503 with a delay", async () => {
    const { joined } = setup({ limits: { sessions: 2 } });
    await joined();
    await joined();
    expect((await joined()).byes).toMatchObject([{ code: 4503, retryMs: 5_000 }]);
  });
});
