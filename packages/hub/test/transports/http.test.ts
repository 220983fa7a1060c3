// The HTTP transports against a real hub, with raw requests (PROTOCOL.md §10.2–§10.10).

import { readdirSync } from "node:fs";
import { encodeId, type Packet } from "@tidewire/session-protocol";
import { describe, expect, it } from "vitest";
import {
  batchFor,
  eventually,
  hello,
  lines,
  ndjson,
  openLink,
  packetsOf,
  post,
  rawRequest,
  rawSocket,
  serve,
  welcomeOf,
} from "./served.js";

const say = (data: unknown): Packet => ({ type: "event", name: "say", data });
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

describe("moves and proofs", () => {
  it("§10.10 a session goes from each HTTP transport to each other", async () => {
    const { base, hub } = await serve();
    const link = await openLink(base, "sse");
    const { session, secret } = await welcomeOf(link);
    const proof = { session, secret: secret! };
    hub.emit("said", 1);
    await link.until("event");
    hub.emit("said", 2);
    const polled = await post(`${base}/poll`, lines({ ...hello, ...proof, link: 2, received: 1 }));
    expect(polled.packets).toMatchObject([{ type: "welcome", position: 1 }, { data: 2 }]);
    expect(await link.until("bye")).toMatchObject({ code: 4001 });
    const stream = await openLink(base, "stream", { ...hello, ...proof, link: 3, received: 2 });
    expect(await welcomeOf(stream)).toMatchObject({ answer: "resumed", position: 2 });
    const late = { type: "batch", ...proof, link: 2, received: 1 };
    expect((await post(`${base}/poll`, lines(late))).status).toBe(409);
    stream.abort();
  });

  it("§12.2 the secret is useless from another origin and to another user", async () => {
    const { base } = await serve({
      origins: ["https://a.example", "https://b.example"],
      authenticate: ({ token }) => ({ user: token ?? "guest" }),
    });
    const a = { origin: "https://a.example" };
    const owner = await openLink(base, "sse", { ...hello, token: "ada" }, a);
    const { session, secret } = await welcomeOf(owner);
    const claim = { ...hello, session, secret: secret!, received: 0 };
    const attempts = [
      { token: "ada", headers: { origin: "https://b.example" }, link: 10 },
      { token: "ada", headers: {}, link: 11 },
      { token: "eve", headers: a, link: 12 },
    ];
    for (const { token, headers, link } of attempts) {
      const thief = await openLink(base, "stream", { ...claim, token, link }, headers);
      const welcome = await thief.next();
      if (welcome?.type === "welcome") {
        expect(welcome.answer).toBe("fresh");
        expect(welcome.session).not.toBe(session);
      } else expect(welcome).toBeUndefined();
      const batch = { type: "batch", session, secret, link: 1, position: 0 };
      const init = { headers };
      const sent = await post(`${base}/send`, lines(batch, say("x")), init);
      if (headers !== a) expect([403, 404]).toContain(sent.status);
      thief.abort();
    }
    owner.abort();
  });

  it("§12.2 the secret is in no header and no URL", async () => {
    const { base, server } = await serve();
    const seen: string[] = [];
    server.prependListener("request", (request) => void seen.push(JSON.stringify(request.headers)));
    const link = await openLink(base, "sse");
    const { secret } = await welcomeOf(link);
    expect(JSON.stringify([...link.response.headers])).not.toContain(secret!);
    expect(seen.join()).not.toContain(secret!);
    link.abort();
  });
});

describe("hostile bodies", () => {
  const invalid: [string, string | Uint8Array<ArrayBuffer>, number][] = [
    ["nothing", "", 400],
    ["spaces only", " \n \n", 400],
    ["no JSON", "{", 400],
    ["a list", "[]\n", 400],
    ["null", "null\n", 400],
    ["a text that is no object", '"hello"\n', 400],
    ["an unknown type", lines({ type: "__proto__" }), 400],
    ["no UTF-8", Uint8Array.of(0xff, 0xfe), 400],
    ["a byte order mark", `\ufeff${lines(hello)}`, 400],
    ["a hello with more behind it", lines(hello, say(1)), 400],
    ["an event first", lines(say(1)), 400],
    ["depth 100,000", `{"type":"event","name":"a","data":${"[".repeat(100_000)}\n`, 400],
    ["E7 separators only", "\n".repeat(1_000_000), 413],
    ["E6 more packets than a batch may have", lines({ type: "ack", count: 0 }).repeat(600), 413],
    ["a version that nobody speaks", lines({ ...hello, version: 2 }), 426],
    ["E5 no version", lines({ ...hello, version: undefined }), 400],
    [
      "a session that is not here",
      lines({
        type: "batch",
        session: "s".repeat(22),
        secret: "s".repeat(43),
        link: 1,
        received: 0,
      }),
      404,
    ],
  ];

  it.each(invalid)("E4 %s is answered", async (_, body, status) => {
    const { base, hub, errors } = await serve();
    const answer = await post(`${base}/poll`, body);
    expect(answer.status).toBe(status);
    expect(answer.packets[0]).toMatchObject({ type: "bye" });
    expect(hub.stats().sessions).toBe(0);
    expect(errors).toEqual([]);
  });

  it("E6 a body above batchBytes is refused by its length, and while it arrives", async () => {
    const { base, port } = await serve({ limits: { messageBytes: 900, batchBytes: 2_000 } });
    const body = `${" ".repeat(2_000)}\n`;
    expect((await post(`${base}/send`, body)).status).toBe(413);
    // Without a length, and without an end: it is answered, and hung up on.
    const { socket, done } = rawSocket(port);
    socket.write(
      `POST /tidewire/send HTTP/1.1\r\nhost: a\r\ncontent-type: ${ndjson}\r\n` +
        "transfer-encoding: chunked\r\n\r\n",
    );
    socket.write(`7d1\r\n${body}\r\n`);
    const answered = new Promise((resolve) => socket.once("data", resolve));
    expect(String(await answered)).toContain("413");
    socket.destroy();
    await done;
  });

  it("hangs up on a client that goes on sending what was refused", async () => {
    const { port } = await serve({}, { limits: { lingerMs: 30 } });
    const { socket, done } = rawSocket(port);
    socket.write(
      `POST /tidewire/nowhere HTTP/1.1\r\nhost: a\r\ncontent-type: ${ndjson}\r\n` +
        "content-length: 1000000000\r\n\r\n{",
    );
    expect(await done).toContain("404");
  });

  it("hangs up on a client that does not read the end of its response", async () => {
    const { port, hub, server } = await serve({}, { limits: { lingerMs: 30 } });
    const { socket, done } = rawSocket(port);
    const body = lines(hello);
    socket.write(
      `POST /tidewire/sse HTTP/1.1\r\nhost: a\r\ncontent-type: ${ndjson}\r\n` +
        `content-length: ${body.length}\r\n\r\n${body}`,
    );
    await new Promise((resolve) => socket.once("data", resolve));
    socket.pause();
    await eventually(() => hub.stats().sessions === 1);
    const [peer] = [...hub.peers()];
    // Far more than the kernel takes; then the log is full, and the link over.
    for (let sent = 0; hub.stats().linked > 0 && sent < 2_000; sent += 1) {
      peer!.emit("said", "x".repeat(100_000));
      for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    }
    await new Promise<void>((resolve) => {
      const look = (): void => {
        server.getConnections((_, count) => (count === 0 ? resolve() : setImmediate(look)));
      };
      look();
    });
    expect(hub.stats()).toMatchObject({ linked: 0, sessions: 1 });
    socket.destroy();
    await done;
  });

  it("reads an answer at any speed, as long as it is read", async () => {
    const served = await serve({}, { limits: { lingerMs: 20, pollBytes: 10_000_000 } });
    const opened = await post(`${served.base}/poll`, lines(hello));
    const welcome = opened.packets[0] as Extract<Packet, { type: "welcome" }>;
    for (let count = 0; count < 30; count += 1) served.hub.emit("said", "x".repeat(100_000));
    const { socket, done } = rawSocket(served.port);
    const body = lines(batchFor(welcome, { received: 0 }));
    socket.write(
      `POST /tidewire/poll HTTP/1.1\r\nhost: a\r\nconnection: close\r\n` +
        `content-type: ${ndjson}\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    socket.on("data", () => {
      socket.pause();
      setImmediate(() => socket.resume());
    });
    expect((await done).length).toBeGreaterThan(3_000_000);
  });

  it("g slowloris: a body that does not come is answered 408", async () => {
    const { port } = await serve(
      { limits: { helloMs: 30 } },
      { limits: { bodyMs: 30, lingerMs: 30 } },
    );
    for (const path of ["sse", "stream", "poll", "send"]) {
      const { socket, done } = rawSocket(port);
      socket.write(
        `POST /tidewire/${path} HTTP/1.1\r\nhost: a\r\ncontent-type: ${ndjson}\r\n` +
          'content-length: 100\r\n\r\n{"type":',
      );
      const text = await done;
      expect(text).toContain("408");
      expect(text).toContain('"code":4408');
    }
  });

  it("§10.2 a body is the same in one piece with its head, in pieces, chunked, and pipelined", async () => {
    const { port, errors } = await serve();
    const body = lines(hello);
    const head = (size: string, end: string): string =>
      `POST /tidewire/poll HTTP/1.1\r\nhost: a\r\n${end}content-type: ${ndjson}\r\n${size}\r\n\r\n`;
    const sized = `content-length: ${body.length}`;
    const more = head(sized, "") + body;
    const last = head(sized, "connection: close\r\n") + body;
    const chunked = head("transfer-encoding: chunked", "connection: close\r\n");
    const size = body.length.toString(16);
    for (const [parts, count] of [
      [[last], 1],
      [[last.slice(0, -body.length), body], 1],
      [[last.slice(0, -5), last.slice(-5, -1), last.slice(-1)], 1],
      [
        [`${chunked}1\r\n{\r\n${(body.length - 1).toString(16)}\r\n${body.slice(1)}\r\n0\r\n\r\n`],
        1,
      ],
      [[`${chunked}${size}\r\n${body}\r\n`, "0\r\n\r\n"], 1],
      [[more + more + last], 3],
      [[more + last.slice(0, -3), last.slice(-3)], 2],
    ] as const) {
      const { socket, done } = rawSocket(port);
      for (const part of parts) {
        socket.write(part);
        for (let turns = 0; turns < 5; turns += 1) await new Promise((go) => setImmediate(go));
      }
      const text = await done;
      expect(text.match(/HTTP\/1\.1 200 /g)).toHaveLength(count);
      expect(text.match(/"type":"welcome"/g)).toHaveLength(count);
    }
    expect(errors).toEqual([]);
  });

  it("C15 a body of one-byte chunks is read in bounded memory", async () => {
    const { base } = await serve();
    const text = lines({ ...hello, agent: "a".repeat(1_000) });
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of Buffer.from(text)) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    const answer = await post(`${base}/poll`, body, { duplex: "half" } as RequestInit);
    expect(answer.packets[0]).toMatchObject({ type: "welcome" });
  });

  it("E4 a thousand bad POSTs leave no socket behind", async () => {
    const { port, server } = await serve();
    const open = (): number => readdirSync("/proc/self/fd").length;
    const before = open();
    const bad = ["text/plain", ndjson, "application/octet-stream", ""];
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(
        Array.from({ length: 50 }, async (_, index) => {
          const { socket, done } = rawSocket(port);
          socket.write(
            `POST /tidewire/send HTTP/1.1\r\nhost: a\r\nconnection: close\r\n` +
              `content-type: ${bad[index % bad.length]}\r\ncontent-length: 3\r\n\r\nbad`,
          );
          expect(await done).toMatch(/^HTTP\/1\.1 4\d\d /);
        }),
      );
    }
    await new Promise<void>((resolve) => {
      const look = (): void => {
        server.getConnections((_, count) => (count === 0 ? resolve() : setImmediate(look)));
      };
      look();
    });
    expect(open()).toBeLessThanOrEqual(before + 1);
  });
});

describe("the rest of the server", () => {
  it("E1 has nothing at strange paths", async () => {
    const { port, errors } = await serve();
    for (const path of [
      ...[
        "__proto__",
        "constructor",
        "toString",
        "SSE",
        "sse/",
        "sse%2f",
        "../tidewire/sse",
        "",
        "\\",
      ],
    ]) {
      const answer = await rawRequest(port, `/tidewire/${path}`, { body: lines(hello) });
      expect(answer.status, path).toBe(404);
    }
    // The host of an absolute target is not believed (DNS rebinding, cache poisoning).
    const headers = { "content-type": ndjson, origin: "http://evil.example" };
    const absolute = `http://evil.example/tidewire/poll`;
    const answer = await rawRequest(port, absolute, { body: lines(hello), headers });
    expect(answer.status).toBe(403);
    expect(errors).toEqual([]);
  });

  it("goes on as if the hub were not there", async () => {
    const { port, attached } = await serve();
    const plain = `http://127.0.0.1:${port}`;
    expect(await (await fetch(`${plain}/`)).text()).toBe("not the hub");
    expect(await (await fetch(`${plain}/tidewirex/sse`)).text()).toBe("not the hub");
    expect(packetsOf(await (await fetch(`${plain}/tidewire`)).text())).toMatchObject([
      { type: "bye", code: 4404 },
    ]);
    await attached.close();
    expect(await (await fetch(`${plain}/tidewire/sse`)).text()).toBe("not the hub");
  });

  it("tells its links goodbye when it is taken off, and keeps their sessions", async () => {
    const { base, attached, hub } = await serve();
    const link = await openLink(base, "sse");
    await welcomeOf(link);
    const polled = await post(`${base}/poll`, lines(hello));
    const welcome = polled.packets[0] as Extract<Packet, { type: "welcome" }>;
    const poll = post(`${base}/poll`, lines(batchFor(welcome, { received: 0 })));
    // The older of two is answered when the newer is parked.
    const again = post(`${base}/poll`, lines(batchFor(welcome, { received: 0 })));
    const first = await Promise.race([poll.then(() => 0), again.then(() => 1)]);
    const closing = attached.close();
    expect(await link.until("bye")).toMatchObject({ code: 4002 });
    const last = await (first === 0 ? again : poll);
    expect(last.packets).toMatchObject([{ type: "bye", code: 4002 }]);
    await closing;
    expect(hub.stats()).toMatchObject({ linked: 0, sessions: 2 });
  });
});
