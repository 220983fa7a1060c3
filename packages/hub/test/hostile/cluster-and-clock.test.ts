// Names that mean something to engines behind the bus, and clocks that jump.

import { Hub } from "@tidewire/hub";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { webPlatform } from "../../src/platform.js";
import { cluster, setup } from "../support/setup.js";

/** Wildcards and separators of engines and protocols that a backplane may stand on. */
const meaningful = [
  "a",
  "a.*",
  "a.>",
  "*",
  ">",
  "a.b",
  "a b",
  "{a}",
  "a:b",
  "a/b",
  "a/#",
  "+",
  "#",
  "$a",
  "%61",
  "[a]",
];

describe("F11 F12 names that are patterns elsewhere are only names here", () => {
  test("events of each reach its members alone, on another node too", async () => {
    const { setups, world } = cluster(["one", "two"]);
    const [one, two] = setups as [(typeof setups)[number], (typeof setups)[number]];
    const clients = await Promise.all(meaningful.map(() => two.joined()));
    for (const [at, room] of meaningful.entries()) {
      two.hub.peer(clients[at]!.session.id!)!.join(room);
    }
    await world.pass(100);
    for (const room of meaningful) one.hub.to(room).emit("said", room);
    await world.pass(100);
    for (const [at, room] of meaningful.entries()) {
      expect(clients[at]!.events.map(({ data }) => data)).toEqual([room]);
    }
    await Promise.all([one.hub.close(), two.hub.close()]);
  });

  test("a name with control characters, or one that is too long, is none, and reaches nobody", async () => {
    const { hub, joined, world } = setup();
    const client = await joined();
    const peer = hub.peer(client.session.id!)!;
    for (const name of ["", "a\r\nb", "a\0b", "n".repeat(129)]) {
      expect(() => hub.to(name)).toThrow(TypeError);
      expect(() => hub.room(name)).toThrow(TypeError);
      expect(() => peer.join(name)).toThrow(TypeError);
      // Our own program's mistake must not end the session of those who would hear of it (§4.1).
      expect(() => hub.emit(name, 1)).toThrow(TypeError);
      expect(() => peer.emit(name, 1)).toThrow(TypeError);
      expect(() => peer.emitVolatile(name, 1)).toThrow(TypeError);
      expect(() => peer.openStream(name)).toThrow(TypeError);
      await expect(peer.request(name, 1)).rejects.toThrow(TypeError);
      const contract = { server: { [name]: {} } };
      expect(() => new Hub({ contract })).toThrow(TypeError);
    }
    await world.pass(100);
    expect([client.events, client.byes]).toEqual([[], []]);
    await hub.close();
  });
});

describe("§g clock jumps and tokens", () => {
  test("a token that ran out while the clock leapt is refused, however far; the session waits for a new one", async () => {
    for (const leapMs of [60_000, 86_400_000]) {
      const { joined, world } = setup({
        authenticate: () => ({ user: "ann", renewMs: 30_000 }),
        limits: { sessionMs: 2 * 86_400_000 },
      });
      const client = await joined();
      await world.pass(leapMs);
      expect(client.byes[0]).toMatchObject({ code: 4402 });
      await client.join();
      expect(client.links.at(-1)).toMatchObject({ answer: "resumed" });
    }
  });

  test("the machine's date plays no part: whoever sets it changes no deadline", () => {
    const before = webPlatform.now();
    const date = vi.spyOn(Date, "now").mockReturnValue(0);
    onTestFinished(() => date.mockRestore());
    const after = webPlatform.now();
    expect(after).toBeGreaterThanOrEqual(before);
    expect(after - before).toBeLessThan(60_000);
  });
});
