import { describe, expect, test } from "vitest";
import { Follower } from "../../src/history/follower.js";
import { KeptLog } from "../../src/history/kept-log.js";
import type { Page, Position } from "../../src/index.js";
import { setup } from "../support/setup.js";

describe("history of a room", () => {
  const rooms = (name: string) =>
    name.startsWith("kept") ? { history: { entries: 5 } } : undefined;

  test("§4.3 kept events carry room, epoch and offset, from 1 on", async () => {
    const { hub, joined, world } = setup({ rooms });
    const client = await joined();
    hub.peer(client.session.id ?? "")!.join("kept");
    hub.to("kept").emit("said", "a");
    hub.to("kept").emit("said", "b");
    await world.settle();
    const epoch = client.events[0]?.epoch;
    expect(epoch).toMatch(/^[\w-]{12}$/);
    expect(client.events).toEqual([
      { type: "event", name: "said", data: "a", room: "kept", epoch, offset: 1 },
      { type: "event", name: "said", data: "b", room: "kept", epoch, offset: 2 },
    ]);
  });

  test("recover since a position: complete while it is kept, and says so when it is not", async () => {
    const { hub, joined, world } = setup({ rooms });
    for (let n = 1; n <= 3; n += 1) hub.to("kept").emit("n", n);
    await world.settle();
    const first = await hub.room("kept").history();
    expect(first).toMatchObject({ complete: true, position: { offset: 3 } });
    for (let n = 4; n <= 8; n += 1) hub.to("kept").emit("n", n);
    await world.settle();
    const since = await hub.room("kept").history({ since: first.position });
    expect(since.items.map(({ item }) => item.data)).toEqual([4, 5, 6, 7, 8]);
    expect(since.complete).toBe(true);
    hub.to("kept").emit("n", 9);
    await world.settle();
    const late = await hub.room("kept").history({ since: first.position });
    expect(late.items.map(({ item }) => item.data)).toEqual([5, 6, 7, 8, 9]);
    expect(late.complete).toBe(false);
    const client = await joined();
    const peer = hub.peer(client.session.id ?? "")!;
    peer.join("kept");
    const replayed = await peer.replay("kept", { epoch: first.position.epoch, offset: 7 });
    await world.settle();
    expect(replayed).toMatchObject({ sent: 2, complete: true });
    expect(client.events.map(({ data, offset }) => [data, offset])).toEqual([
      [8, 8],
      [9, 9],
    ]);
  });

  test("E10 a position of another log gives what is there, and is never complete", async () => {
    const { hub, world } = setup({ rooms });
    hub.to("kept 1").emit("n", 1);
    hub.to("kept 2").emit("n", 2);
    await world.settle();
    const other = await hub.room("kept 1").history();
    const page = await hub.room("kept 2").history({ since: other.position });
    expect(page.items.map(({ item }) => item.data)).toEqual([2]);
    expect(page.complete).toBe(false);
    const ahead = { epoch: page.position.epoch, offset: 99 };
    expect((await hub.room("kept 2").history({ since: ahead })).complete).toBe(false);
  });

  test("volatile and local events are not kept, and other rooms have no history", async () => {
    const { hub, world } = setup({ rooms });
    hub.to("kept").volatile.emit("n", 1);
    hub.to("kept").local.emit("n", 2);
    await world.settle();
    expect((await hub.room("kept").history()).items).toEqual([]);
    for (const since of [null, 5, {}, { epoch: "a" }] as never[]) {
      await expect(hub.room("kept").history({ since })).rejects.toThrow("since is no position");
    }
    const max = "many" as never;
    await expect(hub.room("kept").history({ max })).rejects.toThrow("max is many: give a number");
    await expect(hub.room("plain").history()).rejects.toThrow(/keeps no history/);
  });
});

describe("KeptLog", () => {
  const retention = { entries: 3, bytes: 10, ageMs: 1_000 };

  test("keeps by count, bytes and age, at n and n+1", () => {
    const log = new KeptLog("e", retention);
    for (let i = 0; i < 3; i += 1) log.append("ab", 0, retention);
    expect(log.length).toBe(3);
    log.append("ab", 0, retention);
    expect(log.length).toBe(3);
    log.append("abcdef", 0, retention);
    expect([log.length, log.bytes]).toEqual([3, 10]);
    log.append("a", 500, retention);
    expect([log.length, log.bytes]).toEqual([3, 9]);
    expect(log.trim(999)).toBe(true);
    log.trim(1_000);
    expect(log.length).toBe(1);
    expect(log.trim(1_500)).toBe(false);
    expect(log.position).toEqual({ epoch: "e", offset: 6 });
  });

  test("the dead front is cut off: memory follows what is kept", () => {
    const log = new KeptLog("e", retention);
    for (let i = 0; i < 10_000; i += 1) log.append("a", 0, retention);
    expect(log.read(undefined, 10, 0).items.map(({ offset }) => offset)).toEqual([
      9_998, 9_999, 10_000,
    ]);
  });
});

describe("Follower", () => {
  function follow(log: string[]) {
    const delivered: string[] = [];
    const noticed: [string, number][] = [];
    const reads: Position[] = [];
    let failures = 0;
    const follower = new Follower({
      aheadMax: 3,
      read: async (since): Promise<Page<string>> => {
        reads.push(since);
        if (failures-- > 0) throw new Error("the engine is away");
        const items = log
          .map((item, i) => ({ item, offset: i + 1 }))
          .filter(({ item, offset }) => offset > since.offset && item !== "");
        return { items, position: { epoch: "e", offset: log.length }, complete: true };
      },
      deliver: (message) => delivered.push(message),
      noticed: (what, count) => noticed.push([what, count]),
      failed: () => {},
    });
    const receive = (offset: number, epoch: string = "e"): void =>
      follower.receive(log[offset - 1] ?? "", { epoch, offset });
    return { follower, receive, delivered, noticed, reads, fail: (n: number) => (failures = n) };
  }
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const ten = Array.from({ length: 10 }, (_, i) => `m${i + 1}`);

  test("hands out in order, drops duplicates, and heals a gap from the log", async () => {
    const { receive, delivered, noticed } = follow(ten);
    receive(1);
    receive(1);
    receive(5);
    receive(6);
    receive(3);
    await settle();
    receive(10);
    await settle();
    expect(delivered).toEqual(ten);
    expect(noticed.every(([what]) => what === "healed")).toBe(true);
  });

  test("what the log has dropped is a gap, told once, and the rest goes on", async () => {
    const holes = ten.map((m, i) => (i >= 1 && i < 4 ? "" : m));
    const { receive, delivered, noticed } = follow(holes);
    receive(1);
    receive(7);
    await settle();
    expect(delivered).toEqual(["m1", "m5", "m6", "m7", "m8", "m9", "m10"]);
    expect(noticed[0]).toEqual(["gap", 3]);
  });

  test("an engine that is away for a while, and one that stays away", async () => {
    const briefly = follow(ten);
    briefly.receive(1);
    briefly.fail(2);
    briefly.receive(4);
    await settle();
    expect(briefly.delivered.slice(0, 4)).toEqual(["m1", "m2", "m3", "m4"]);
    const gone = follow(ten);
    gone.receive(1);
    gone.fail(1_000);
    gone.receive(4);
    gone.receive(5);
    await settle();
    expect(gone.delivered).toEqual(["m1", "m4", "m5"]);
    expect(gone.noticed).toEqual([["gap", 2]]);
  });

  test("another epoch is another log: told as a gap, and followed", () => {
    const { receive, delivered, noticed } = follow(ten);
    receive(9);
    receive(1, "f");
    receive(2, "f");
    expect(delivered).toEqual(["m9", "m1", "m2"]);
    expect(noticed).toEqual([["gap", 0]]);
  });
});
