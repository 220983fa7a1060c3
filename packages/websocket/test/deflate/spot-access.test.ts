import { createRequire } from "node:module";
import { afterEach, describe, expect, it, vi } from "vitest";
import { DeflateBudget } from "../../src/deflate/deflate-budget.js";
import { hasSpotAccess } from "../../src/deflate/spot-access.js";
import { bytesOf, deflate, NO_TAKEOVER, openPair } from "./session-kit.js";

const zlib = createRequire(import.meta.url)("node:zlib") as typeof import("node:zlib");

interface Hidden {
  _processChunk?: (chunk: Uint8Array, flush: number) => Uint8Array;
}

afterEach(() => vi.restoreAllMocks());

describe("running zlib on the spot", () => {
  it("is possible on this version of Node", () => {
    expect(hasSpotAccess()).toBe(true);
    expect(new DeflateBudget().onTheSpot).toBe(true);
  });

  it("§7.2.1 short messages have their result at once", () => {
    const pair = openPair(NO_TAKEOVER);
    const done = vi.fn();
    const wire = pair.server.deflater!.deflate(Buffer.from("tide ".repeat(400)), true, done);
    expect(wire).toBeInstanceOf(Uint8Array);
    const kept = Uint8Array.from(wire as Uint8Array);
    expect(pair.client.inflater.inflate(kept, true, 2000, done)).toHaveLength(2000);
    expect(done).not.toHaveBeenCalled();
    pair.close();
  });

  it.each([
    ["the method is gone", undefined],
    [
      "the method throws",
      () => {
        throw new Error("no such method");
      },
    ],
    ["the state is not called", () => new Uint8Array(0)],
  ])("is not tried where %s", async (_, replacement) => {
    vi.resetModules();
    const prototype = Object.getPrototypeOf(
      Object.getPrototypeOf(zlib.DeflateRaw.prototype),
    ) as Hidden;
    const original = prototype._processChunk;
    Object.assign(prototype, { _processChunk: replacement });
    try {
      const again = await import("../../src/deflate/spot-access.js");
      expect(again.hasSpotAccess()).toBe(false);
    } finally {
      Object.assign(prototype, { _processChunk: original });
    }
  });

  it("documented functions alone give the same bytes, later", async () => {
    const text = Buffer.from("tide and wire ".repeat(200));
    const spot = openPair(NO_TAKEOVER);
    const documented = openPair(NO_TAKEOVER, { onTheSpot: false });
    const done = vi.fn();
    expect(documented.server.deflater!.deflate(text, true, done)).toBeUndefined();
    await vi.waitFor(() => expect(done).toHaveBeenCalledOnce());
    expect(Buffer.from(done.mock.calls[0]![0] as Uint8Array)).toEqual(
      bytesOf(await deflate(spot.server.deflater, text)),
    );
    spot.close();
    documented.close();
  });
});
