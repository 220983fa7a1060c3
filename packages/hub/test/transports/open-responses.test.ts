// Responses that stay open, `/sse` and `/stream`, with raw requests (PROTOCOL.md §10.2–§10.4).

import { encodeId, type Packet } from "@tidewire/session-protocol";
import { describe, expect, it } from "vitest";
import {
  batchFor,
  eventually,
  hello,
  lines,
  ndjson,
  openLink,
  post,
  say,
  serve,
  welcomeOf,
} from "./served.js";

const names = (packets: readonly Packet[]): string[] => packets.map(({ type }) => type);

describe.each(["sse", "stream"] as const)("/%s", (kind) => {
  it("§10.2 begins with padding and the welcome, and carries events both ways", async () => {
    const { base, hub, errors } = await serve();
    hub.on("say", (peer, data) => void peer.emit("said", data));
    const link = await openLink(base, kind);
    expect(link.response.headers.get("content-type")).toBe(
      kind === "sse" ? "text/event-stream" : ndjson,
    );
    expect(link.response.headers.get("cache-control")).toBe("no-store, no-transform");
    const welcome = await welcomeOf(link);
    expect(link.text().search(/[^:\s]/)).toBeGreaterThanOrEqual(2048);
    expect(welcome).toMatchObject({ answer: "fresh", received: 0, position: 0, link: 1 });
    const sent = await post(
      `${base}/send`,
      lines(batchFor(welcome, { position: 0 }), say(1), say(2)),
    );
    expect(sent.status).toBe(200);
    expect(sent.packets).toEqual([{ type: "ack", count: 2 }]);
    expect(await link.until("event")).toMatchObject({ name: "said", data: 1 });
    expect(await link.until("event")).toMatchObject({ name: "said", data: 2 });
    if (kind === "sse") expect(link.text()).toMatch(/id: 1\ndata: .*\n\nid: 2\ndata: /);
    expect(errors).toEqual([]);
    link.abort();
  });

  it("g: no value can forge a line of the stream", async () => {
    const { base, hub } = await serve();
    const evil = 'x\r\ndata: {"type":"bye"}\n\nid: 99\rretry: 1\u2028\u2029\u0085\0 event: y';
    hub.on("connect", (peer) => void peer.emit("said", { [evil]: evil }));
    const link = await openLink(base, kind);
    expect(await link.until("event")).toMatchObject({ data: { [evil]: evil } });
    expect(
      link
        .text()
        .split("\n")
        .filter((line) => /^(id: 99|retry)/.test(line)),
    ).toEqual([]);
    link.abort();
  });

  it("§10.4 a POST that is sent again applies nothing twice", async () => {
    const { base, hub } = await serve();
    const heard: unknown[] = [];
    hub.on("say", (_, data) => void heard.push(data));
    const link = await openLink(base, kind);
    const welcome = await welcomeOf(link);
    const body = lines(batchFor(welcome, { position: 0 }), say("a"), say("b"));
    for (let copy = 0; copy < 3; copy += 1) {
      expect((await post(`${base}/send`, body)).packets).toEqual([{ type: "ack", count: 2 }]);
    }
    const ahead = await post(`${base}/send`, lines(batchFor(welcome, { position: 5 }), say("f")));
    expect(ahead.packets).toEqual([{ type: "ack", count: 2 }]);
    expect(heard).toEqual(["a", "b"]);
    link.abort();
  });

  it("§10.4 an error in one packet does not undo those before it", async () => {
    const { base, hub } = await serve();
    const heard: unknown[] = [];
    hub.on("say", (_, data) => void heard.push(data));
    const link = await openLink(base, kind);
    const welcome = await welcomeOf(link);
    const body = `${lines(batchFor(welcome, { position: 0 }), say("a"))}{"type":"nonsense"}\n`;
    const sent = await post(`${base}/send`, body);
    expect(sent.status).toBe(400);
    expect(sent.packets[0]).toMatchObject({ type: "bye", code: 4400 });
    await eventually(() => heard.length === 1);
    expect(await link.until("bye")).toMatchObject({ code: 4400 });
    expect(await link.next()).toBeUndefined();
  });

  it("§5.9 a newer link takes over, and the old one is told 4001 and closed", async () => {
    const { base, hub } = await serve();
    const first = await openLink(base, kind);
    const { session, secret } = await welcomeOf(first);
    const resume = { ...hello, link: 2, session, secret: secret!, received: 0 };
    const second = await openLink(base, kind, resume);
    expect(await welcomeOf(second)).toMatchObject({ answer: "resumed", session, link: 2 });
    expect(await first.until("bye")).toMatchObject({ code: 4001 });
    expect(await first.next()).toBeUndefined();
    // A zombie: the old link's POST arrives late.
    const late = await post(
      `${base}/send`,
      lines({ type: "batch", session, secret, link: 1, position: 0 }, say("late")),
    );
    expect(late.status).toBe(409);
    expect(late.packets[0]).toMatchObject({ type: "bye", code: 4409 });
    expect(hub.stats().sessions).toBe(1);
    second.abort();
  });

  it("§7.6 a client that says that it is done is answered, not blamed", async () => {
    const { base, hub } = await serve();
    const link = await openLink(base, kind);
    const { session, secret } = await welcomeOf(link);
    const done = { type: "bye", code: 4000, reason: "done" } as const;
    const said = await post(
      `${base}/send`,
      lines({ type: "batch", session, secret: secret!, link: 1, position: 0 }, done),
    );
    expect(said.status).toBe(200);
    expect(said.packets).toMatchObject([{ type: "bye", code: 4000 }]);
    expect(hub.stats().sessions).toBe(0);
  });

  it("E10 §10.3 ignores Last-Event-ID: without the secret there is no data", async () => {
    const { base, hub } = await serve();
    hub.on("connect", (peer) => void peer.emit("private", peer.id));
    const owner = await openLink(base, kind);
    const { session } = await welcomeOf(owner);
    await owner.until("event");
    for (const id of ["0", session, "1"]) {
      const thief = await openLink(base, kind, hello, { "last-event-id": id });
      expect(await welcomeOf(thief)).toMatchObject({ answer: "fresh", position: 0 });
      expect(await thief.until("event")).not.toMatchObject({ data: session });
      thief.abort();
    }
    const guess = { ...hello, link: 9, session, secret: encodeId(new Uint8Array(32)), received: 0 };
    const guesser = await openLink(base, kind, guess);
    const welcome = await welcomeOf(guesser);
    expect(welcome).toMatchObject({ answer: "fresh", reason: "unknown" });
    expect(welcome.session).not.toBe(session);
    guesser.abort();
    owner.abort();
  });

  it("a client that hangs up loses its link at once, and keeps its session", async () => {
    const { base, hub } = await serve();
    const link = await openLink(base, kind);
    await welcomeOf(link);
    expect(hub.stats()).toMatchObject({ sessions: 1, linked: 1 });
    link.abort();
    await eventually(() => hub.stats().linked === 0);
    expect(hub.stats().sessions).toBe(1);
  });

  it("a client that leaves while it is authenticated costs nothing", async () => {
    let aborted = 0;
    const { base, hub, attached, errors } = await serve({
      authenticate: ({ signal }) =>
        new Promise((resolve) => {
          signal.addEventListener("abort", () => {
            aborted += 1;
            resolve({});
          });
        }),
    });
    const controller = new AbortController();
    const { signal } = controller;
    const headers = { "content-type": ndjson };
    const asked = fetch(`${base}/${kind}`, { method: "POST", body: lines(hello), headers, signal });
    setImmediate(() => controller.abort());
    await expect(asked).rejects.toThrow();
    await post(`${base}/nowhere`, "");
    await attached.close();
    expect(hub.stats().linked).toBe(0);
    expect(aborted).toBeLessThanOrEqual(1);
    expect(errors).toEqual([]);
  });

  it("§7.5 a reader that stops costs a bounded amount, and hears of the gap", async () => {
    const logBytes = 100_000;
    const { base, hub } = await serve({ limits: { logBytes } });
    const link = await openLink(base, kind);
    const welcome = await welcomeOf(link);
    const text = "x".repeat(10_000);
    // Nobody reads the response: the kernel takes some megabytes, then the log fills, then it is over.
    for (let sent = 0; hub.stats().linked > 0 && sent < 3_000; sent += 1) {
      hub.emit("said", text);
      if (sent % 8 === 0) await new Promise((resolve) => setImmediate(resolve));
      expect(hub.stats().retainedBytes).toBeLessThanOrEqual(logBytes);
    }
    expect(hub.stats()).toMatchObject({ linked: 0, sessions: 1 });
    link.abort();
    const { session, secret } = welcome;
    const resume = { ...hello, link: 2, session, secret: secret!, received: 1 };
    const next = await openLink(base, kind, resume);
    expect(await welcomeOf(next)).toMatchObject({ answer: "gap", reason: "overflow" });
    next.abort();
  });
});

describe("/stream with the binary codec", () => {
  it("§10.2 pads with empty frames and answers in kind", async () => {
    const { base, hub } = await serve();
    const bytes = Uint8Array.of(1, 2, 3);
    hub.on("connect", (peer) => void peer.emit("said", bytes));
    const codec = hub.admission.codecs.find(({ binary }) => binary)!;
    const message = codec.encode(hello) as Uint8Array;
    const body = new Uint8Array(message.length + 4);
    new DataView(body.buffer).setUint32(0, message.length);
    body.set(message, 4);
    const controller = new AbortController();
    const response = await fetch(`${base}/stream`, {
      method: "POST",
      body,
      headers: { "content-type": "application/octet-stream" },
      signal: controller.signal,
    });
    expect(response.headers.get("content-type")).toBe("application/octet-stream");
    let all = Buffer.alloc(0);
    const packets: Packet[] = [];
    for await (const chunk of response.body!) {
      all = Buffer.concat([all, chunk]);
      while (all.length >= 4 && all.length >= 4 + all.readUInt32BE(0)) {
        const length = all.readUInt32BE(0);
        if (length > 0) packets.push(codec.decode(all.subarray(4, 4 + length)) as Packet);
        all = all.subarray(4 + length);
      }
      if (packets.length === 2) break;
    }
    expect(names(packets)).toEqual(["welcome", "event"]);
    expect([...(packets[1] as { data: Uint8Array }).data]).toEqual([...bytes]);
    controller.abort();
    const answer = await post(`${base}/sse`, body, {
      headers: { "content-type": "application/octet-stream" },
    });
    expect(answer.status).toBe(415);
  });
});
