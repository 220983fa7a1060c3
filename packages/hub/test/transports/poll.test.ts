// `/poll`, with raw requests (PROTOCOL.md §10.5).

import { encodeId, type Packet } from "@tidewire/session-protocol";
import { describe, expect, it } from "vitest";
import { batchFor, eventually, hello, lines, post, say, serve } from "./served.js";

describe("/poll", () => {
  async function opened(
    served: { base: string },
    more: object = {},
  ): Promise<Extract<Packet, { type: "welcome" }>> {
    const answer = await post(`${served.base}/poll`, lines({ ...hello, ...more }));
    expect(answer.status).toBe(200);
    return answer.packets[0] as Extract<Packet, { type: "welcome" }>;
  }

  it("§10.5 answers a hello at once, and a poll as soon as there is something", async () => {
    const served = await serve();
    const { base, hub } = served;
    const welcome = await opened(served);
    const poll = post(`${base}/poll`, lines(batchFor(welcome, { received: 0 })));
    await eventually(() => hub.stats().linked === 1);
    hub.emit("said", 1);
    expect((await poll).packets).toMatchObject([{ type: "event", data: 1 }]);
    // The answer is taken for lost: it comes again. Then it is acknowledged.
    hub.emit("said", 2);
    const again = await post(`${base}/poll`, lines(batchFor(welcome, { received: 0 })));
    expect(again.packets.map((packet) => (packet as { data?: unknown }).data)).toEqual([1, 2]);
    const rest = await post(`${base}/poll`, lines(batchFor(welcome, { received: 2, waitMs: 0 })));
    expect(rest.packets).toEqual([]);
    expect(hub.stats()).toMatchObject({ retainedEntries: 0, linksByTransport: { polling: 1 } });
    // An old copy that arrives late is answered empty.
    hub.emit("said", 3);
    const old = await post(`${base}/poll`, lines(batchFor(welcome, { received: 1, waitMs: 0 })));
    expect(old.packets).toEqual([]);
  });

  it("§10.5 a second poll is allowed: the older one is answered at once and empty", async () => {
    const served = await serve();
    const { base, hub } = served;
    const welcome = await opened(served);
    const older = post(`${base}/poll`, lines(batchFor(welcome, { received: 0 })));
    const newer = post(`${base}/poll`, lines(batchFor(welcome, { received: 0 })));
    const first = await Promise.race([older, newer]);
    expect(first.packets).toEqual([]);
    hub.emit("said", 1);
    const both = [...(await older).packets, ...(await newer).packets];
    expect(both).toMatchObject([{ type: "event", data: 1 }]);
  });

  it("§10.5 waits for waitMs at the longest, and for pollMs whatever it asks", async () => {
    const served = await serve({ limits: { pollMs: 20 } });
    const welcome = await opened(served);
    for (const waitMs of [0, 5, 1_000_000, undefined]) {
      const wait = waitMs === undefined ? {} : { waitMs };
      const batch = batchFor(welcome, { received: 0, ...wait });
      const answer = await post(`${served.base}/poll`, lines(batch));
      expect(answer).toMatchObject({ status: 200, text: "" });
    }
  });

  it("§10.5 carries entries, and requires received", async () => {
    const served = await serve();
    const heard: unknown[] = [];
    served.hub.on("say", (_, data) => void heard.push(data));
    const welcome = await opened(served);
    const batch = batchFor(welcome, { received: 0, position: 0, waitMs: 0 });
    expect((await post(`${served.base}/poll`, lines(batch, say("a")))).status).toBe(200);
    await eventually(() => heard.length === 1);
    const without = await post(`${served.base}/poll`, lines(batchFor(welcome)));
    expect(without).toMatchObject({ status: 400 });
    // That blamed a request, not the session.
    expect(served.hub.stats().sessions).toBe(1);
  });

  it("answers in several pieces what is more than one answer should hold", async () => {
    const served = await serve({}, { limits: { pollBytes: 1_000 } });
    const welcome = await opened(served);
    for (let number = 0; number < 100; number += 1) served.hub.emit("said", number);
    const got: unknown[] = [];
    let polls = 0;
    while (got.length < 100) {
      const batch = batchFor(welcome, { received: got.length });
      const { packets, text } = await post(`${served.base}/poll`, lines(batch));
      expect(text.length).toBeLessThan(1_200);
      for (const packet of packets) if (packet.type === "event") got.push(packet.data);
      polls += 1;
    }
    expect(got).toEqual(Array.from({ length: 100 }, (_, number) => number));
    expect(polls).toBeGreaterThan(3);
  });

  it("a client between two polls still learns why its session ended, once and only itself", async () => {
    const served = await serve();
    const welcome = await opened(served);
    served.hub.peer(welcome.session)!.disconnect();
    const poll = (secret: string): ReturnType<typeof post> =>
      post(`${served.base}/poll`, lines({ ...batchFor(welcome, { received: 0 }), secret }));
    const wrong = await poll(encodeId(new Uint8Array(32)));
    expect(wrong.packets[0]).toMatchObject({ type: "bye", code: 4404 });
    expect((await poll(welcome.secret!)).packets[0]).toMatchObject({ type: "bye", code: 4006 });
    expect((await poll(welcome.secret!)).packets[0]).toMatchObject({ type: "bye", code: 4404 });
  });

  it("a poll whose client leaves is forgotten, and takes nothing with it", async () => {
    const served = await serve();
    const { base, hub } = served;
    const welcome = await opened(served);
    const controller = new AbortController();
    const body = lines(batchFor(welcome, { received: 0 }));
    const poll = post(`${base}/poll`, body, { signal: controller.signal });
    setImmediate(() => controller.abort());
    await expect(poll).rejects.toThrow();
    hub.emit("said", 1);
    const next = await post(`${base}/poll`, lines(batchFor(welcome, { received: 0, waitMs: 0 })));
    expect(next.packets).toMatchObject([{ type: "event", data: 1 }]);
  });
});
