import { Entry } from "@tidewire/session-protocol";
import { describe, expect, test, vi } from "vitest";
import { cluster, hostileNames, setup } from "../support/setup.js";

describe("rooms", () => {
  test("to, except, union: each member gets it once", async () => {
    const { hub, joined, world } = setup();
    const [a, b, c] = [await joined(), await joined(), await joined()];
    const [pa, pb, pc] = [a, b, c].map((client) => hub.peer(client.session.id ?? "")!);
    pa?.join("red");
    pa?.join("blue");
    pb?.join("blue");
    pc?.join("muted");
    pb?.join("muted");
    hub.to("red", "blue").emit("one");
    hub.to("blue").except(pa!).emit("two");
    hub.all.except("muted").emit("three");
    hub.except(pa!, "muted").emit("four");
    hub.emit("five");
    await world.settle();
    expect(a.heard.map(([name]) => name)).toEqual(["one", "three", "five"]);
    expect(b.heard.map(([name]) => name)).toEqual(["one", "two", "five"]);
    expect(c.heard.map(([name]) => name)).toEqual(["five"]);
  });

  test("§8.4 a room with a history has its own copy, and a plain room beside it adds none", async () => {
    const rooms = (name: string) => (name.startsWith("kept") ? { history: true } : undefined);
    const { hub, joined, world } = setup({ rooms });
    const [both, plain, twoLogs] = [await joined(), await joined(), await joined()];
    const [pb, pp, pt] = [both, plain, twoLogs].map((one) => hub.peer(one.session.id ?? "")!);
    for (const [peer, names] of [
      [pb, ["kept", "plain"]],
      [pp, ["plain"]],
      [pt, ["kept", "kept too"]],
    ] as const) {
      for (const name of names) peer?.join(name);
    }
    await world.settle();
    hub.to("kept", "plain").emit("one");
    hub.to("kept", "kept too").emit("two");
    await world.settle();
    expect(both.heard.map(([name]) => name)).toEqual(["one", "two"]);
    expect(plain.heard.map(([name]) => name)).toEqual(["one"]);
    // Each log is followed by its positions: without its copy, one of them would show a gap.
    expect(twoLogs.heard.map(([name]) => name)).toEqual(["one", "two", "two"]);
  });

  test("a broadcast is encoded once, however many receive it", async () => {
    const { hub, joined, world } = setup();
    for (let i = 0; i < 20; i += 1) (await joined()).session;
    for (const peer of hub.peers()) peer.join("all");
    const encode = vi.spyOn(hub.admission.codecs[0]!, "encode");
    hub.to("all").emit("news", { text: "x" });
    expect(encode.mock.calls.filter(([packet]) => packet.type === "event")).toHaveLength(1);
    encode.mockRestore();
    await world.settle();
  });

  test("§2.4 a volatile event is dropped for whoever cannot take it, and is not retained", async () => {
    const { hub, joined, world } = setup();
    const [quick, slow] = [await joined(), await joined()];
    slow.carrier.stall();
    hub.emit("fill");
    hub.all.volatile.emit("cursor", 1);
    await world.settle();
    expect(quick.heard).toEqual([
      ["fill", undefined],
      ["cursor", 1],
    ]);
    slow.carrier.resume();
    await world.settle();
    expect(slow.heard).toEqual([["fill", undefined]]);
  });

  test("`latest` coalesces by key what a slow reader has not got yet", async () => {
    const { hub, joined, world } = setup();
    const [quick, slow] = [await joined(), await joined()];
    slow.carrier.stall();
    hub.emit("fill");
    for (let price = 1; price <= 50; price += 1) hub.all.latest("price").emit("price", price);
    await world.settle();
    slow.carrier.resume();
    await world.settle();
    expect(quick.events).toHaveLength(51);
    expect(slow.heard).toEqual([
      ["fill", undefined],
      ["price", 50],
    ]);
  });

  test("an empty room vanishes; a member that is gone is in none", async () => {
    const { hub, joined, world } = setup();
    const client = await joined();
    const peer = hub.peer(client.session.id ?? "")!;
    peer.join("a");
    peer.join("b");
    expect(hub.stats()).toMatchObject({ rooms: 2, memberships: 2 });
    peer.leave("a");
    expect(hub.stats()).toMatchObject({ rooms: 1, memberships: 1 });
    peer.disconnect();
    await world.settle();
    expect(hub.stats()).toMatchObject({ rooms: 0, memberships: 0, sessions: 0 });
  });

  test("F10 names are exact: leaving `a` does not leave `A`, nor another Unicode form", async () => {
    const { setups, backplane, world } = cluster(["n1"]);
    const [{ hub, joined }] = setups as [(typeof setups)[0]];
    const client = await joined();
    const peer = hub.peer(client.session.id ?? "")!;
    peer.join("A");
    peer.join("é");
    expect(peer.leave("a")).toBe(false);
    expect(peer.leave("e\u0301")).toBe(false);
    expect([...peer.rooms]).toEqual(["A", "é"]);
    expect(peer.leave("A") && peer.leave("é")).toBe(true);
    await world.settle();
    // The channel of everybody is left.
    expect(backplane.subscriptions).toBe(1);
  });

  test("F10 random joins and leaves: in the end the bus has no subscription", async () => {
    const { setups, backplane, world } = cluster(["n1", "n2"]);
    const peers = [];
    for (const { hub, joined } of setups) {
      for (let i = 0; i < 5; i += 1) peers.push(hub.peer((await joined()).session.id ?? "")!);
    }
    for (let step = 0; step < 2_000; step += 1) {
      const peer = world.random.pick(peers);
      const room = `room ${world.random.below(10)}`;
      if (world.random.chance(0.5)) peer.join(room);
      else peer.leave(room);
      if (world.random.chance(0.05)) await world.settle();
    }
    for (const peer of peers) for (const room of [...peer.rooms]) peer.leave(room);
    await world.settle();
    expect(backplane.subscriptions).toBe(2);
    expect(setups.map(({ hub }) => hub.stats().rooms)).toEqual([0, 0]);
  });

  test("F8 rooms per peer and names are limited, at n and n+1", async () => {
    const { hub, joined } = setup({ limits: { roomsPerPeer: 3, rooms: 4 } });
    const [one, two] = [await joined(), await joined()].map((c) => hub.peer(c.session.id ?? "")!);
    for (const name of ["1", "2", "3"]) one?.join(name);
    expect(() => one?.join("4")).toThrow(/limits\.roomsPerPeer/);
    expect(one?.join("3")).toBe(false);
    two?.join("4");
    expect(() => two?.join("5")).toThrow(/limits\.rooms/);
    two?.leave("4");
    expect(two?.join("x".repeat(128))).toBe(true);
    expect(() => two?.join("x".repeat(129))).toThrow(/128 characters/);
    for (const name of ["", "a\nb", "a\u0000"]) expect(() => two?.join(name)).toThrow(TypeError);
    expect(() => hub.to("")).toThrow(TypeError);
  });

  test("F8 100,000 joins and leaves leave nothing behind", async () => {
    const { hub, joined, world } = setup();
    const peer = hub.peer((await joined()).session.id ?? "")!;
    for (let i = 0; i < 100_000; i += 1) {
      peer.join(`room ${i}`);
      peer.leave(`room ${i}`);
    }
    await world.settle();
    expect(hub.stats()).toMatchObject({ rooms: 0, memberships: 0 });
  });

  test("E1 names of members of Object are rooms like any other", async () => {
    const { hub, joined, world } = setup({ rooms: () => ({ presence: true, history: true }) });
    const client = await joined();
    const peer = hub.peer(client.session.id ?? "")!;
    for (const name of hostileNames) {
      peer.join(name, { [name]: 1 });
      hub.to(name).emit("said", name);
    }
    await world.pass(1_000);
    const said = client.events.filter(({ name }) => name === "said");
    expect(said.map(({ data }) => data)).toEqual(hostileNames);
    for (const name of hostileNames) {
      const { items } = await hub.room(name).history();
      expect(items.map(({ item }) => item)).toEqual([{ name: "said", data: name }]);
      expect(hub.room(name).present).toHaveLength(1);
    }
  });

  test("a broadcast above messageBytes throws before anybody gets it", async () => {
    const { hub, joined, world } = setup({ limits: { messageBytes: 1_000 } });
    const client = await joined();
    expect(() => hub.emit("x", "y".repeat(1_000))).toThrow(/messageBytes/);
    expect(() => hub.emit("x", new Map())).toThrow(/data cannot be sent/);
    await world.settle();
    expect(client.session.received).toBe(0);
  });
});

describe("requests to a room", () => {
  test("partial results, failures, and the names of the silent", async () => {
    const { hub, joined, world } = setup();
    const clients = [await joined(), await joined(), await joined(), await joined()];
    const ids = clients.map(({ session }) => session.id ?? "");
    for (const id of ids) hub.peer(id)!.join("quiz");
    clients[0]!.onRequest = ({ id }) => ({ type: "reply", id, data: "A" });
    clients[1]!.onRequest = ({ id }) => ({ type: "failure", id, code: "no", message: "no idea" });
    clients[3]!.carrier.cut();
    const asking = hub.to("quiz").request("answer?", null, { timeoutMs: 1_000 });
    await world.pass(1_100);
    const result = await asking;
    expect(result.replies).toEqual([{ peer: { id: ids[0] }, data: "A" }]);
    expect(result.failures).toMatchObject([{ peer: { id: ids[1] }, code: "no" }]);
    expect(result.silent.map(({ id }) => id).sort()).toEqual([ids[2], ids[3]].sort());
    expect(result.silentNodes).toEqual([]);
    expect(hub.stats().requests).toBe(0);
  });

  test("an empty room answers at once; too many are refused", async () => {
    const { hub, joined, world } = setup({ limits: { roomRequestPeers: 1 } });
    expect(await hub.to("empty").request("x", null)).toMatchObject({ replies: [], silent: [] });
    for (let i = 0; i < 2; i += 1) hub.peer((await joined()).session.id ?? "")!.join("two");
    await expect(hub.to("two").request("x", null)).rejects.toThrow(/roomRequestPeers/);
    await world.settle();
  });
});

test("audiences can be moved and sent away", async () => {
  const { hub, joined, world } = setup();
  const clients = [await joined(), await joined()];
  expect(await hub.all.join("here")).toEqual({ count: 2, silentNodes: [] });
  expect((await hub.room("here").members()).peers).toHaveLength(2);
  const [first] = clients;
  await hub
    .to("here")
    .except({ id: first?.session.id ?? "" })
    .disconnect("bye");
  await world.settle();
  expect(first?.over).toBeUndefined();
  expect(clients[1]?.over).toMatchObject({ code: 4006, reason: "bye", reconnect: false });
  expect((await hub.to("here").leave("here")).count).toBe(1);
  expect(hub.stats().rooms).toBe(0);
});

test("a shared entry is not copied per member", async () => {
  const { hub, joined, world } = setup();
  const clients = [await joined(), await joined()];
  const send = vi.spyOn(Entry.prototype, "encoded");
  hub.emit("x");
  await world.settle();
  const entries = new Set(send.mock.instances);
  send.mockRestore();
  expect(clients.map(({ events }) => events.length)).toEqual([1, 1]);
  expect(entries.size).toBe(1);
});
