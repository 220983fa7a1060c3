import { describe, expect, test } from "vitest";
import type { Counter } from "../src/index.js";
import { setup } from "./support/setup.js";

describe("drain and close", () => {
  test("§11 links are let go in stages, each with a delay of its own, and new ones are refused", async () => {
    const { hub, client, world } = setup();
    const all = [];
    for (let i = 0; i < 100; i += 1) all.push(await client({ address: `${i}` }).join());
    let isDone = false;
    void hub.drain({ overMs: 1_000, retryMs: [500, 2_500] }).then(() => {
      isDone = true;
    });
    await world.pass(500);
    const early = all.filter(({ byes }) => byes.length > 0).length;
    expect(early).toBeGreaterThan(30);
    expect(early).toBeLessThan(70);
    expect((await client({ address: "new" }).join()).byes).toMatchObject([{ code: 4002 }]);
    await world.pass(1_000);
    expect(isDone).toBe(true);
    const delays = all.map(({ byes }) => byes[0]?.retryMs ?? -1);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...delays)).toBeLessThanOrEqual(2_500);
    expect(new Set(delays).size).toBeGreaterThan(50);
    for (const one of all) expect(one.ends[0]).toMatchObject({ code: 4002, reconnect: true });
    expect(hub.stats()).toMatchObject({ sessions: 100, linked: 0, isDraining: true });
  });

  test("few links are let go over the whole time too", async () => {
    const { hub, joined, world } = setup();
    const all = [await joined(), await joined(), await joined(), await joined()];
    void hub.drain({ overMs: 8_000 });
    const gone: number[] = [];
    for (let seconds = 1; seconds <= 8; seconds += 1) {
      await world.pass(1_000);
      gone.push(all.filter(({ byes }) => byes.length > 0).length);
    }
    expect(gone).toEqual([1, 2, 2, 3, 3, 4, 4, 4]);
  });

  test("those who watch are let go last, whenever they came", async () => {
    const { hub, joined, world } = setup();
    const all = [await joined(), await joined(), await joined(), await joined()];
    const watching = [all[0], all[3]].map((client) => ({ id: client?.session.id ?? "" }));
    void hub.drain({ overMs: 4_000, last: [...watching, { id: "nobody" }] });
    const gone = () => all.map(({ byes }) => byes.length);
    await world.pass(1_900);
    expect(gone()).toEqual([0, 1, 1, 0]);
    await world.pass(2_100);
    expect(gone()).toEqual([1, 1, 1, 1]);
  });

  test("close ends everything: no session, no timer, no subscription is left", async () => {
    const { hub, joined, world } = setup();
    const over: unknown[] = [];
    hub.on("disconnect", (_peer, { code }) => over.push(code));
    const clients = [await joined(), await joined()];
    clients[1]?.carrier.cut();
    const asked = hub.all.request("x", null);
    await world.settle();
    const closing = hub.close();
    await world.settle();
    await closing;
    await hub.close();
    expect((await asked).silent).toHaveLength(2);
    expect(over).toEqual([4002, 4002]);
    expect(clients[0]?.byes).toMatchObject([{ code: 4002 }]);
    expect(hub.stats()).toMatchObject({ sessions: 0, rooms: 0, requests: 0 });
    expect(world.timers).toBe(0);
    expect((await joined()).byes).toMatchObject([{ code: 4002 }]);
  });
});

describe("stats and metrics", () => {
  test("a snapshot counts what is there", async () => {
    const { hub, joined, world } = setup();
    const client = await joined({ transport: "sse" });
    await joined();
    hub.peer(client.session.id ?? "")!.join("room");
    client.carrier.stall();
    hub.emit("x", "y".repeat(100));
    await world.settle();
    const stats = hub.stats();
    expect(stats).toMatchObject({
      sessions: 2,
      linked: 2,
      rooms: 1,
      memberships: 1,
      isDraining: false,
    });
    expect(stats.linksByTransport).toMatchObject({ sse: 1, websocket: 1, polling: 0 });
    expect(stats.retainedEntries).toBe(2);
    expect(stats.retainedBytes).toBeGreaterThan(200);
  });

  test("§g metrics carry no names from the wire, so their labels are few", async () => {
    const seen = new Map<Counter, Set<string>>();
    const { hub, joined, world } = setup({
      metrics: {
        count: (name, _value, label) => {
          seen.set(name, (seen.get(name) ?? new Set()).add(label ?? ""));
        },
      },
    });
    const client = await joined();
    for (let i = 0; i < 200; i += 1) {
      client.emit(`event ${i}`);
      void client.request(`request ${i}`);
      hub.peer(client.session.id ?? "")!.join(`room ${i}`);
      hub.to(`room ${i}`).emit(`event ${i}`);
    }
    await world.pass(5_000);
    expect(seen.get("hub.refused")).toEqual(new Set(["unknown-name"]));
    for (const labels of seen.values()) expect(labels.size).toBeLessThan(8);
    expect(seen.get("hub.events.received")).toEqual(new Set([""]));
  });
});

test("a counter that throws costs a count, and no packet", async () => {
  const { hub, joined, errors } = setup({
    metrics: {
      count: (name) => {
        if (name === "hub.events.received") throw new Error("the store is away");
      },
    },
  });
  const heard: unknown[] = [];
  hub.on("x", (_peer, data) => heard.push(data));
  const client = await joined();
  client.emit("x", 1);
  client.emit("x", 2);
  await client.world.settle();
  expect(heard).toEqual([1, 2]);
  expect(errors).toHaveLength(2);
});

test("§g one timer serves all sessions, and none is left when they are gone", async () => {
  const { hub, client, world } = setup();
  for (let i = 0; i < 200; i += 1) await client({ address: `${i}` }).join();
  expect(world.timers).toBe(1);
  await world.pass(10_000);
  expect(world.timers).toBe(1);
  await hub.all.disconnect();
  await world.pass(5_000);
  expect(world.timers).toBe(0);
});

test("§7.1 an idle session is pinged in time, and one that does not answer loses its link", async () => {
  const { hub, joined, world } = setup();
  const [alive, dead] = [await joined(), await joined()];
  dead.carrier.vanish();
  const tick = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 500) {
      await world.pass(500);
      alive.session.tick(world.timeline.now);
    }
  };
  await tick(24_500);
  expect(hub.stats().linked).toBe(2);
  await tick(14_000);
  expect(hub.stats()).toMatchObject({ linked: 1, sessions: 2 });
  expect(alive.byes).toEqual([]);
});
