import { describe, expect, test } from "vitest";
import type { PresenceChange } from "../../src/index.js";
import type { FakeClient } from "../support/fake-client.js";
import { cluster, setup } from "../support/setup.js";

const rooms = () => ({ presence: true });

function changes(client: FakeClient): PresenceChange[] {
  return client.events
    .filter(({ name }) => name === "presence")
    .map(({ data }) => data as PresenceChange);
}

describe("presence", () => {
  test("newcomers learn who is here, the others who joined, changed and left", async () => {
    const { hub, joined, world } = setup({
      rooms,
      authenticate: ({ token }) => ({ user: token! }),
    });
    const [ann, bob] = [await joined({ token: "ann" }), await joined({ token: "bob" })];
    const [a, b] = [ann, bob].map(({ session }) => hub.peer(session.id ?? "")!);
    a?.join("room", { mood: "good" });
    await world.pass(300);
    b?.join("room");
    await world.pass(300);
    b?.setState("room", { typing: true });
    await world.pass(300);
    b?.leave("room");
    await world.pass(300);
    const annInfo = { id: ann.session.id, user: "ann", state: { mood: "good" } };
    const bobInfo = { id: bob.session.id, user: "bob" };
    expect(changes(ann)).toEqual([
      { count: 1, here: [annInfo], complete: true },
      { count: 2, joined: [bobInfo], complete: true },
      { count: 2, changed: [{ ...bobInfo, state: { typing: true } }], complete: true },
      { count: 1, left: [bob.session.id], complete: true },
    ]);
    expect(changes(bob)).toEqual([
      { count: 2, here: [annInfo, bobInfo], complete: true },
      { count: 2, changed: [{ ...bobInfo, state: { typing: true } }], complete: true },
    ]);
  });

  test("§g flapping is not amplified: many joins and leaves within an interval are one change or none", async () => {
    const { hub, joined, world } = setup({ rooms });
    const [watcher, flapper] = [await joined(), await joined()];
    hub.peer(watcher.session.id ?? "")!.join("room");
    await world.pass(300);
    const peer = hub.peer(flapper.session.id ?? "")!;
    for (let i = 0; i < 1_000; i += 1) {
      peer.join("room");
      peer.leave("room");
    }
    await world.pass(300);
    expect(changes(watcher)).toHaveLength(1);
  });

  test("§g a mass join is one event per member, bounded, and says that it is not complete", async () => {
    const { hub, client, world } = setup({ rooms, limits: { presenceEntries: 50 } });
    const all = [];
    for (let i = 0; i < 200; i += 1) all.push(await client({ address: `${i}` }).join());
    for (const peer of hub.peers()) peer.join("room");
    await world.pass(300);
    for (const one of all) {
      const [first, ...rest] = changes(one);
      expect(rest).toEqual([]);
      expect(first).toMatchObject({ count: 200, complete: false });
      expect(first?.here).toHaveLength(50);
    }
    expect(hub.room("room").present).toHaveLength(200);
  });

  test("a state is bounded, must be sendable, and needs membership", async () => {
    const { hub, joined } = setup({ rooms, limits: { presenceStateBytes: 100 } });
    const peer = hub.peer((await joined()).session.id ?? "")!;
    peer.join("room");
    expect(() => peer.setState("room", "x".repeat(200))).toThrow(/presenceStateBytes/);
    expect(() => peer.setState("room", new Date())).toThrow(/cannot be sent/);
    expect(() => peer.setState("other", 1)).toThrow(/not in this room/);
  });

  test("a room without presence tells nothing", async () => {
    const { hub, joined, world } = setup();
    const client = await joined();
    hub.peer(client.session.id ?? "")!.join("room");
    await world.pass(1_000);
    expect(client.events).toEqual([]);
    expect(hub.room("room").present).toEqual([]);
  });
});

describe("presence over nodes", () => {
  test("each node sees the members of all, and those of a node that left are gone", async () => {
    const { setups, world } = cluster(["n1", "n2"], { rooms });
    const [one, two] = setups as [(typeof setups)[0], (typeof setups)[0]];
    const ann = await one.joined();
    one.hub.peer(ann.session.id ?? "")!.join("room", "a");
    await world.pass(300);
    const bob = await two.joined();
    two.hub.peer(bob.session.id ?? "")!.join("room");
    await world.pass(600);
    const ids = [ann.session.id, bob.session.id].sort();
    for (const { hub } of setups) {
      expect(
        hub
          .room("room")
          .present.map(({ id }) => id)
          .sort(),
      ).toEqual(ids);
    }
    expect(changes(bob)[0]?.here).toHaveLength(2);
    await two.hub.close();
    await world.pass(300);
    expect(one.hub.room("room").present.map(({ id }) => id)).toEqual([ann.session.id]);
    expect(changes(ann).at(-1)).toMatchObject({ count: 1, left: [bob.session.id] });
  });
});
