// Bodies as they arrive: cut anywhere, too long, too late; and places per address.

import { Hub } from "@tidewire/hub";
import { Entry, jsonCodec, splitBody } from "@tidewire/session-protocol";
import { Random } from "@tidewire/session-protocol/testing";
import { describe, expect, it } from "vitest";
import { groupOf } from "../../src/sessions/address-group.js";
import { readBody, wholeBody } from "../../src/transports/body.js";
import { FramedOnce } from "../../src/transports/framed-once.js";
import { defaultTransportLimits } from "../../src/transports/limits.js";
import { Places } from "../../src/transports/places.js";
import { VirtualWorld } from "../support/world.js";

function virtual(): { world: VirtualWorld; hub: Hub } {
  const world = new VirtualWorld();
  return { world, hub: new Hub({ platform: world.platform }) };
}

async function* chunks(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const cut of [...cuts, bytes.length]) {
    yield bytes.subarray(at, cut);
    at = cut;
  }
}

const rules = { codec: jsonCodec, bytesMax: 1_000, timeMs: 1_000 };

describe("a body", () => {
  const text = '{"type":"ack","count":1}\n{"type":"event","name":"é😀"}\n';
  const bytes = new TextEncoder().encode(text);

  it("§10.2 is the same however it was cut", async () => {
    const { hub } = virtual();
    const random = new Random(7);
    const { signal } = new AbortController();
    for (let round = 0; round < 300; round += 1) {
      const cuts = Array.from({ length: random.below(20) }, () => random.below(bytes.length)).sort(
        (a, b) => a - b,
      );
      const read = await readBody(chunks(bytes, cuts), { ...rules, signal }, hub.admission);
      expect(read).toEqual({ type: "body", body: text, bytes: bytes.length });
    }
    const single = Array.from(bytes.keys());
    const read = await readBody(chunks(bytes, single), { ...rules, signal }, hub.admission);
    expect(read).toMatchObject({ body: text });
  });

  it("of bytesMax passes, of one byte more does not", async () => {
    const { hub } = virtual();
    const { signal } = new AbortController();
    for (const [length, type] of [
      [1_000, "body"],
      [1_001, "bye"],
    ] as const) {
      const body = chunks(new Uint8Array(length).fill(32), [500]);
      expect(await readBody(body, { ...rules, signal }, hub.admission)).toMatchObject({ type });
    }
  });

  it("that is there at once is held to the same rules", () => {
    expect(wholeBody(bytes, jsonCodec, bytes.length)).toEqual({
      type: "body",
      body: text,
      bytes: bytes.length,
    });
    expect(wholeBody(bytes, jsonCodec, bytes.length - 1)).toMatchObject({ code: 4413 });
    expect(wholeBody(Uint8Array.of(0xff), jsonCodec, 1)).toMatchObject({ code: 4400 });
    expect(wholeBody(null, jsonCodec, 1)).toMatchObject({ body: "", bytes: 0 });
  });

  it("that never ends is given up at its time, and leaves no timer", async () => {
    const { world, hub } = virtual();
    const { signal } = new AbortController();
    const timers = world.timers;
    const stuck = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
    const read = readBody(stuck, { ...rules, signal }, hub.admission);
    expect(world.timers).toBe(timers + 1);
    await world.pass(1_001);
    expect(await read).toMatchObject({ type: "bye", code: 4408 });
    expect(world.timers).toBe(timers);
  });

  it("whose client goes is given up at once, and one that breaks is told so", async () => {
    const { hub } = virtual();
    const controller = new AbortController();
    const { signal } = controller;
    const stuck = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
    const read = readBody(stuck, { ...rules, signal }, hub.admission);
    controller.abort();
    expect(await read).toMatchObject({ code: 4408 });
    const broken = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error("reset")) }),
    };
    const fresh = new AbortController();
    const told = await readBody(broken, { ...rules, signal: fresh.signal }, hub.admission);
    expect(told).toMatchObject({ code: 4400 });
  });

  it("E6 of exactly batchPackets is split, of one more is not", () => {
    expect(splitBody("\n".repeat(512), 512)).toEqual([]);
    expect(splitBody("\n".repeat(513), 512)).toMatchObject({ type: "fault", closeCode: 4413 });
  });
});

describe("places", () => {
  it.each([
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["192.0.2.1", "192.0.2.1"],
    ["2001:db8:0:1::1", "2001:db8:0:1::/64"],
    ["2001:db8:0:1:ffff::", "2001:db8:0:1::/64"],
    ["2001:0DB8::7", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
  ])("%s counts as %s", (address, group) => {
    expect(groupOf(address)).toBe(group);
  });

  it("bound what waits per address and together, and what is asked per second", () => {
    let now = 0;
    const places = new Places(
      {
        origins: "same-origin",
        credentials: false,
        helloMs: 1,
        waitingLinksPerAddress: 2,
        waitingLinks: 3,
      },
      { ...defaultTransportLimits, requestsPerSecond: 10, requestsBurst: 2, addresses: 2 },
      () => now,
    );
    const first = places.take("a")!;
    places.take("a");
    expect(places.take("a")).toBeUndefined();
    places.take("b");
    expect(places.take("c")).toBeUndefined();
    first();
    first();
    expect(places.waiting).toBe(2);
    expect(places.take("c")).toBeDefined();

    expect([places.spend("x"), places.spend("x"), places.spend("x")]).toEqual([0, 0, 100]);
    now += 100;
    expect(places.spend("x")).toBe(0);
    // Only two addresses are remembered: the one used longest ago begins anew.
    places.spend("y");
    places.spend("z");
    expect(places.spend("x")).toBe(0);
  });
});

describe("a broadcast", () => {
  it("is framed once for receivers in a row", () => {
    let made = 0;
    const once = new FramedOnce((entry) => {
      made += 1;
      return entry.size;
    });
    const entries = [1, 2].map(
      (data) => new Entry({ type: "event", name: "said", data }, jsonCodec),
    );
    for (const entry of entries) for (let member = 0; member < 100; member += 1) once.of(entry);
    expect(made).toBe(2);
  });
});
