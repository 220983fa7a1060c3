// Open responses over Node's own: what a reader does not take waits in the log, not in the response.

import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { defaultTransportLimits } from "../../src/transports/limits.js";
import { eventually, openLink, serve, welcomeOf } from "./served.js";

const count = 3_000;
const text = "x".repeat(8_192);

describe.each(["sse", "stream"] as const)("/%s and a reader that does not read", (kind) => {
  it("holds little more than linkBytes for it, and gives it everything in order later", async () => {
    const { hub, server, base } = await serve({ limits: { logBytes: 64 * 1_048_576 } });
    const sockets: Socket[] = [];
    server.on("connection", (socket) => sockets.push(socket));
    const link = await openLink(base, kind);
    await welcomeOf(link);
    for (let index = 0; index < count; index += 1) hub.all.emit("said", { index, text });
    // The kernel's buffers fill up; then nothing moves.
    let before = -1;
    let written = 0;
    await eventually(() => {
      before = written;
      written = sockets.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0);
      return written === before && sockets.some(({ writableLength }) => writableLength > 0);
    });
    const waiting = Math.max(...sockets.map(({ writableLength }) => writableLength));
    // One entry goes beyond, and each write has a chunk's frame.
    expect(waiting).toBeLessThan(defaultTransportLimits.linkBytes + 2 * text.length);
    expect(hub.stats().retainedEntries).toBe(count);
    for (let index = 0; index < count; index += 1) {
      expect((await link.until("event")).data).toEqual({ index, text });
    }
    link.abort();
  });

  it("ends with what was said last, and is over for the hub when the client hangs up", async () => {
    const { hub, base } = await serve();
    const first = await openLink(base, kind);
    const { session } = await welcomeOf(first);
    hub.peer(session)!.emit("said", 1);
    hub.peer(session)!.disconnect("enough");
    expect(await first.until("event")).toMatchObject({ name: "said", data: 1 });
    expect(await first.until("bye")).toMatchObject({ code: 4006 });
    expect(await first.next()).toBeUndefined();
    const second = await openLink(base, kind);
    await welcomeOf(second);
    expect(hub.stats().linked).toBe(1);
    second.abort();
    await eventually(() => hub.stats().linked === 0);
    expect(hub.stats().sessions).toBe(1);
  });
});
