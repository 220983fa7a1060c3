import { describe, expect, test } from "vitest";
import { Hub, MemoryBackplane } from "../../src/index.js";
import { cluster, hostileNames, setup } from "../support/setup.js";
import { VirtualWorld } from "../support/world.js";

describe("several hubs on one backplane", () => {
  test("a broadcast reaches members on every node once, with except and union", async () => {
    const { setups, world } = cluster(["n1", "n2", "n3"]);
    const clients = [];
    for (const { joined } of setups) clients.push(await joined(), await joined());
    const peers = clients.map(({ session }, i) => setups[i >> 1]!.hub.peer(session.id ?? "")!);
    for (const [i, peer] of peers.entries()) {
      peer.join("a");
      if (i % 2 === 0) peer.join("b");
    }
    await world.settle();
    const { hub } = setups[0]!;
    hub.to("a", "b").emit("union");
    hub.to("a").except(peers[3]!).emit("but 3");
    hub.to("a").except("b").emit("not b");
    hub.to("a").local.emit("local");
    hub.emit("all");
    await world.settle();
    expect(clients.map(({ events }) => events.map(({ name }) => name).join())).toEqual([
      "union,but 3,local,all",
      "union,but 3,not b,local,all",
      "union,but 3,all",
      "union,not b,all",
      "union,but 3,all",
      "union,but 3,not b,all",
    ]);
  });

  test("E2 names of members of Object cross the bus as they are", async () => {
    const { setups, world } = cluster(["__proto__", "constructor"]);
    const [one, two] = setups as [(typeof setups)[0], (typeof setups)[0]];
    const client = await two.joined();
    const peer = two.hub.peer(client.session.id ?? "")!;
    for (const name of hostileNames) {
      peer.join(name);
      await world.settle();
      one.hub.to(name).emit(name, { [name]: name });
    }
    await world.settle();
    expect(client.events.map(({ name }) => name)).toEqual(hostileNames);
    expect((await one.hub.room("__proto__").members()).peers).toEqual([
      { id: client.session.id, node: "constructor" },
    ]);
  });

  test("a node subscribes only to rooms that have members on it", async () => {
    const { setups, world, backplane } = cluster(["n1", "n2"]);
    const [one, two] = setups as [(typeof setups)[0], (typeof setups)[0]];
    const peer = two.hub.peer((await two.joined()).session.id ?? "")!;
    peer.join("room");
    one.hub.to("room").emit("x");
    await world.settle();
    expect(backplane.subscriptions).toBe(3);
    peer.disconnect();
    await world.settle();
    expect(backplane.subscriptions).toBe(2);
  });

  test("requests to a room collect from all nodes, bytes included", async () => {
    const { setups, world } = cluster(["n1", "n2"]);
    const clients = [];
    for (const { joined, hub } of setups) {
      const client = await joined();
      hub.peer(client.session.id ?? "")!.join("quiz");
      client.onRequest = ({ id, data }) => ({ type: "reply", id, data });
      clients.push(client);
    }
    const asking = setups[0]!.hub.to("quiz").request("echo", new Uint8Array([7]));
    await world.settle();
    const { replies, silent, silentNodes } = await asking;
    expect(replies.map(({ peer }) => peer.id).sort()).toEqual(
      clients.map(({ session }) => session.id).sort(),
    );
    expect(replies.map(({ data }) => [...(data as Uint8Array)])).toEqual([[7], [7]]);
    expect([silent, silentNodes]).toEqual([[], []]);
  });

  test("queries never hang: a node that does not answer is named", async () => {
    const { setups, world, backplane } = cluster(["n1", "n2"]);
    backplane.connect("deaf", { published() {}, sent() {}, nodeLost() {} });
    const client = await setups[1]!.joined();
    setups[1]!.hub.peer(client.session.id ?? "")!.join("room");
    const query = setups[0]!.hub.room("room").members();
    const asking = setups[0]!.hub.to("room").request("x", null, { timeoutMs: 500 });
    await world.pass(4_000);
    expect(await query).toEqual({
      peers: [{ id: client.session.id, node: "n2" }],
      silentNodes: ["deaf"],
    });
    expect(await asking).toMatchObject({
      silent: [{ id: client.session.id }],
      silentNodes: ["deaf"],
    });
  });

  test("a node that dies while it is asked is silent at once", async () => {
    const { setups, world, backplane } = cluster(["n1"]);
    const deaf = backplane.connect("deaf", { published() {}, sent() {}, nodeLost() {} });
    const query = setups[0]!.hub.all.peers();
    await world.settle();
    await deaf.close();
    expect(await query).toEqual({ peers: [], silentNodes: ["deaf"] });
  });

  test("what is done to an audience is done on every node", async () => {
    const { setups, world } = cluster(["n1", "n2"]);
    const clients = [await setups[0]!.joined(), await setups[1]!.joined()];
    expect(await setups[0]!.hub.all.join("vip")).toEqual({ count: 2, silentNodes: [] });
    await setups[1]!.hub.to("vip").disconnect("closed");
    await world.settle();
    expect(clients.map(({ over }) => over?.code)).toEqual([4006, 4006]);
  });

  test("kept events have one order and the same positions on every node", async () => {
    const { setups, world } = cluster(["n1", "n2"], { rooms: () => ({ history: true }) });
    const clients = [];
    for (const { joined, hub } of setups) {
      const client = await joined();
      hub.peer(client.session.id ?? "")!.join("kept");
      clients.push(client);
    }
    for (let n = 0; n < 10; n += 1) setups[n % 2]!.hub.to("kept").emit("n", n);
    await world.settle();
    const seen = clients.map(({ events }) =>
      events.map(({ data, offset, epoch }) => [data, offset, epoch]),
    );
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]?.map(([data]) => data)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test("messages of the bus that are lost are healed from the log; nonsense on it harms nobody", async () => {
    const world = new VirtualWorld();
    const memory = new MemoryBackplane({ platform: world.platform });
    let losing = false;
    const lossy = {
      connect: (node: string, receiver: Parameters<MemoryBackplane["connect"]>[1]) =>
        memory.connect(node, {
          ...receiver,
          sent: receiver.sent,
          nodeLost: receiver.nodeLost,
          published: (...message) => {
            if (!losing) receiver.published(...message);
          },
        }),
    };
    const options = { rooms: () => ({ history: true }) };
    const one = setup({ ...options, backplane: memory, node: "n1" }, world);
    const two = setup({ ...options, backplane: lossy, node: "n2" }, world);
    const client = await two.joined();
    two.hub.peer(client.session.id ?? "")!.join("kept");
    await world.settle();
    for (let n = 0; n < 9; n += 1) {
      losing = n > 2 && n < 7;
      one.hub.to("kept").emit("n", n);
    }
    await world.settle();
    expect(client.events.map(({ data }) => data)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    const node = memory.connect("stranger", { published() {}, sent() {}, nodeLost() {} });
    for (const nonsense of [
      "",
      "{",
      "null",
      "[]",
      '{"kind":"event"}',
      '{"kind":"ask"}',
      '{"kind":"event"}\nx',
    ]) {
      await node.publish("all", nonsense);
      await node.publish("room:kept", nonsense);
      await node.send("n2", nonsense);
    }
    two.hub.emit("alive");
    await world.settle();
    expect(client.events.at(-1)?.name).toBe("alive");
  });

  test("an engine in trouble: local delivery goes on, the failure is told, nothing hangs", async () => {
    const world = new VirtualWorld();
    const memory = new MemoryBackplane({ platform: world.platform });
    const fail = async (): Promise<never> => {
      throw new Error("engine away");
    };
    const broken = {
      connect: (node: string, receiver: Parameters<MemoryBackplane["connect"]>[1]) => ({
        ...memory.connect(node, receiver),
        publish: fail,
        subscribe: fail,
        unsubscribe: fail,
        nodes: fail,
        claim: fail,
        release: fail,
      }),
    };
    const { hub, joined, errors } = setup({ backplane: broken }, world);
    const client = await joined();
    hub.peer(client.session.id ?? "")!.join("room");
    hub.to("room").emit("x");
    const found = await hub.to("room").peers();
    await world.settle();
    expect(client.heard).toEqual([["x", undefined]]);
    expect(found.silentNodes).toEqual(["?"]);
    expect(errors.length).toBeGreaterThan(0);
  });

  test("`ready` waits for the engine's subscription; join, ready, replay leaves no hole", async () => {
    const world = new VirtualWorld();
    const memory = new MemoryBackplane({ platform: world.platform });
    const slow = {
      connect: (node: string, receiver: Parameters<MemoryBackplane["connect"]>[1]) => {
        const link = memory.connect(node, receiver);
        const subscribe = async (channel: string): Promise<void> => {
          await new Promise<void>((resolve) => world.timeline.plan(200, resolve));
          await link.subscribe(channel);
        };
        return { ...link, subscribe };
      },
    };
    const options = { rooms: () => ({ history: true }) };
    const one = setup({ ...options, backplane: memory, node: "n1" }, world);
    const two = setup({ ...options, backplane: slow, node: "n2" }, world);
    const client = await two.joined();
    const peer = two.hub.peer(client.session.id ?? "")!;
    let isReady = false;
    peer.join("kept");
    const replayed = two.hub
      .room("kept")
      .ready()
      .then(() => {
        isReady = true;
        return peer.replay("kept");
      });
    one.hub.to("kept").emit("n", 1);
    await world.pass(100);
    expect([isReady, client.events.length]).toEqual([false, 0]);
    await world.pass(200);
    one.hub.to("kept").emit("n", 2);
    await world.settle();
    expect(await replayed).toMatchObject({ complete: true });
    expect(client.events.map(({ offset }) => offset)).toEqual([1, 2]);
  });

  test("sessions are claimed while they live", async () => {
    const { setups, world, backplane } = cluster(["n1"]);
    const client = await setups[0]!.joined();
    expect(backplane.claims).toBe(1);
    setups[0]!.hub.peer(client.session.id ?? "")!.disconnect();
    await world.settle();
    expect(backplane.claims).toBe(0);
  });
});

test("two hubs of one name are refused", () => {
  const backplane = new MemoryBackplane();
  const hub = new Hub({ backplane, node: "n" });
  expect(() => new Hub({ backplane, node: "n" })).toThrow(/"n" is in this cluster/);
  return hub.close();
});
