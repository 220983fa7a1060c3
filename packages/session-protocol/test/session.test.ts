import {
  CloseCode,
  defaultLimits,
  Entry,
  type Hello,
  isFault,
  jsonCodec,
  MessageTooLargeError,
  type Packet,
  type Welcome,
} from "@tidewire/session-protocol";
import { describe, expect, test } from "vitest";
import { End, join, Recorder, secret, sessionId } from "./pair.js";

const entryOf = (name: string, data?: unknown): Entry =>
  new Entry({ type: "event", name, ...(data === undefined ? {} : { data }) }, jsonCodec);
const volatileOf = (name: string): Entry =>
  new Entry({ type: "event", name, volatile: true }, jsonCodec);
const helloOf = (link: number, received: number): Hello => ({
  type: "hello",
  version: 1,
  link,
  session: sessionId,
  secret,
  received,
});

describe("§5 hello and welcome", () => {
  test("§5.4 a first link is fresh, and what waited goes out", () => {
    const client = new End("client");
    const server = new End("server");
    expect(client.session.send(entryOf("early"), 0)).toBe(0);
    join(client, server);
    expect(client.linked).toMatchObject([{ answer: "fresh", lost: 0, unknown: [], unsent: [] }]);
    expect(client.session.id).toBe(sessionId);
    expect(client.session.secret).toBe(secret);
    expect(server.names).toEqual(["early"]);
  });

  test("§5.5 a second link resumes: each side sends exactly what the other lacks", () => {
    const client = new End("client");
    const server = new End("server");
    const first = join(client, server);
    client.session.send(entryOf("u0"), 0);
    server.session.send(entryOf("d0"), 0);
    first.flow();
    first.clientLink.lost(0);
    first.serverLink.lost(0);
    client.session.send(entryOf("u1"), 0);
    server.session.send(entryOf("d1"), 0);
    const up = new Recorder();
    client.session.connect(up, 0);
    expect(up.written[0]).toMatchObject({ link: 2, session: sessionId, secret, received: 1 });
    const second = join(client, server);
    expect(client.linked.at(-1)).toMatchObject({ answer: "resumed", lost: 0 });
    second.flow();
    expect(server.names).toEqual(["u0", "u1"]);
    expect(client.names).toEqual(["d0", "d1"]);
  });

  test("§5.2 a link number that is not higher is stale", () => {
    const server = new End("server");
    join(new End("client"), server);
    for (const link of [1]) {
      const answer = server.session.accept(new Recorder(), helloOf(link, 0), 0);
      expect(answer).toMatchObject({ code: "stale", closeCode: 4409 });
    }
    expect(server.session.live).toBeDefined();
  });

  test("§5.6 a hello that received more than was sent is a mismatch", () => {
    const server = new End("server");
    join(new End("client"), server);
    const answer = server.session.accept(new Recorder(), helloOf(2, 1), 0);
    expect(answer).toMatchObject({ code: "mismatch" });
  });

  test.each([
    ["received below what was acknowledged", { received: 0 }],
    ["received above what was sent", { received: 9 }],
    ["resumed at a position not reached", { position: 9 }],
    ["another session", { session: "z".repeat(22) }],
  ])("§5.6 a welcome with %s ends the session, and the next one is fresh", (_title, wrong) => {
    const client = new End("client");
    const server = new End("server");
    const link = join(client, server);
    client.session.send(entryOf("u0"), 0);
    link.flow(0);
    server.session.ping(0);
    link.flow(0);
    client.session.ping(0);
    link.flow(0);
    expect(client.session.acknowledged).toBe(1);
    const up = new Recorder();
    const next = client.session.connect(up, 0);
    const good: Welcome = {
      type: "welcome",
      answer: "resumed",
      session: sessionId,
      link: 2,
      received: 1,
      position: 0,
      limits: defaultLimits,
    };
    next.receive({ ...good, ...wrong }, 0);
    expect(up.closed).toBe(4409);
    expect(client.session.id).toBeUndefined();
    expect(client.unlinked.at(-1)).toMatchObject({ code: 4409, reconnect: true });
  });

  test("§5.7 fresh with a former session: sent is unknown, not sent is unsent", () => {
    const client = new End("client");
    const first = join(client, new End("server"));
    client.session.send(entryOf("written"), 0);
    first.clientLink.lost(0);
    client.session.send(entryOf("waiting"), 0);
    const later = new End("server");
    const second = join(client, later);
    const linked = client.linked.at(-1);
    const names = (entries: readonly Entry[] = []): unknown[] =>
      entries.map((entry) => (entry.packet() as { name: string }).name);
    expect(linked?.answer).toBe("fresh");
    expect(names(linked?.unknown)).toEqual(["written"]);
    expect(names(linked?.unsent)).toEqual(["waiting"]);
    second.flow();
    expect(later.names).toEqual([]);
    expect(client.session.sent).toBe(0);
  });

  test("§5.7 fresh says why, also when the server said so before the hello", () => {
    const client = new End("client");
    const { clientLink } = join(client, new End("server"));
    clientLink.lost(0, CloseCode.unknownSession, "no such session here");
    expect(client.unlinked).toMatchObject([{ code: 4404, reconnect: true }]);
    join(client, new End("server"));
    expect(client.linked.at(-1)).toMatchObject({ answer: "fresh", reason: "unknown" });
    expect(client.linked[0]?.reason).toBeUndefined();
  });

  test("§5.7 a welcome that the old link's word has overtaken does not change the reason", () => {
    const client = new End("client");
    const server = new End("server");
    const old = join(client, server);
    const down = new Recorder();
    const up = new Recorder();
    const next = client.session.connect(up, 0);
    server.session.accept(down, up.written.shift() as Hello, 0);
    old.clientLink.lost(0, CloseCode.unknownSession, "no such session here");
    for (const packet of down.written.splice(0)) next.receive(packet, 0);
    expect(up.closed).toBe(CloseCode.stale);
    join(client, new End("server"));
    expect(client.linked.at(-1)).toMatchObject({ answer: "fresh", reason: "unknown" });
  });

  test("§5.9 the old link works until the welcome, and is ignored afterwards", () => {
    const client = new End("client");
    const server = new End("server");
    const old = join(client, server);
    const up = new Recorder();
    const down = new Recorder();
    const next = client.session.connect(up, 0);
    client.session.send(entryOf("u0"), 0);
    expect(old.up.types).toEqual(["event"]);
    server.session.accept(down, up.written.shift() as Hello, 0);
    expect(old.down.types).toEqual(["bye"]);
    expect(old.down.closed).toBe(CloseCode.superseded);
    // u0 was under way on the old link: ignored there, replayed on the new one.
    for (const packet of old.up.written.splice(0)) old.serverLink.receive(packet, 0);
    expect(server.names).toEqual([]);
    for (const packet of down.written.splice(0)) next.receive(packet, 0);
    expect(old.up.closed).toBe(CloseCode.superseded);
    for (const packet of up.written.splice(0)) server.session.live?.receive(packet, 0);
    expect(server.names).toEqual(["u0"]);
    old.serverLink.lost(0);
    old.serverLink.fail({ ...staleFault }, 0);
    expect(server.ended).toEqual([]);
    expect(server.session.live?.number).toBe(2);
  });

  test("§7.6 a bye before the welcome ends the link only", () => {
    const client = new End("client");
    join(client, new End("server"));
    const pending = client.session.connect(new Recorder(), 0);
    pending.receive({ type: "bye", code: 4400, reason: "" }, 0);
    expect(client.ended).toEqual([]);
    expect(client.unlinked).toMatchObject([{ code: 4400, wasLive: false }]);
    expect(client.session.live?.number).toBe(1);
  });
});

const staleFault = {
  type: "fault",
  code: "syntax",
  closeCode: 4400,
  section: "3.6",
  detail: "old",
} as const;

describe("§6 acknowledgements", () => {
  test("§6.2 after ackEntries, after ackMs, and before a pong", () => {
    const limits = { ...defaultLimits, ackEntries: 3, ackMs: 100 };
    const client = new End("client");
    const server = new End("server", { limits });
    const link = join(client, server);
    for (let i = 0; i < 3; i += 1) server.session.send(entryOf("d"), 0);
    link.flow();
    expect(server.acknowledged).toBe(3);
    server.session.send(entryOf("d"), 0);
    link.flow();
    expect(server.acknowledged).toBe(3);
    expect(client.session.nextTickAt).toBe(100);
    client.session.tick(99);
    link.flow();
    expect(server.acknowledged).toBe(3);
    client.session.tick(100);
    link.flow(100);
    expect(server.acknowledged).toBe(4);
    server.session.send(entryOf("d"), 100);
    server.session.ping(100);
    link.flow(100);
    expect(server.acknowledged).toBe(5);
    expect(server.session.retained).toEqual({ bytes: 0, entries: 0 });
  });

  test("§6.3 an ack of what was never sent ends the session, an old one is ignored", () => {
    const server = new End("server");
    const { serverLink, down } = join(new End("client"), server);
    server.session.send(entryOf("d"), 0);
    serverLink.receive({ type: "ack", count: 1 }, 0);
    serverLink.receive({ type: "ack", count: 0 }, 0);
    expect(server.ended).toEqual([]);
    serverLink.receive({ type: "ack", count: 2 }, 0);
    expect(server.ended).toMatchObject([{ code: 4400 }]);
    expect(down.written.at(-1)).toMatchObject({ type: "bye", code: 4400 });
  });

  test("§7.1 a log that is half full asks for an acknowledgement", () => {
    const limits = { ...defaultLimits, logEntries: 4 };
    const server = new End("server", { limits });
    const link = join(new End("client"), server);
    for (let i = 0; i < 20; i += 1) {
      server.session.send(entryOf("d"), 0);
      link.flow();
    }
    expect(server.session.acknowledged).toBeGreaterThan(16);
    expect(server.unlinked).toEqual([]);
  });
});

describe("§7 life, heartbeat, budgets", () => {
  test("§7.1 silence is asked, §7.2 and then the link is dead, §2.5 and later the session", () => {
    const server = new End("server");
    const { down } = join(new End("client"), server);
    server.session.tick(24_999);
    expect(down.types).toEqual([]);
    server.session.tick(25_000);
    expect(down.types).toEqual(["ping"]);
    server.session.tick(34_999);
    expect(down.closed).toBeUndefined();
    server.session.tick(35_000);
    expect(down.closed).toBe(CloseCode.timeout);
    expect(server.unlinked).toMatchObject([{ code: 4003 }]);
    expect(server.session.nextTickAt).toBe(155_000);
    server.session.tick(154_999);
    expect(server.ended).toEqual([]);
    server.session.tick(155_000);
    expect(server.ended).toMatchObject([{ code: 4003 }]);
    expect(server.session.nextTickAt).toBe(Number.POSITIVE_INFINITY);
  });

  test("§7.1 the client waits five quarters, so that the server pings", () => {
    const client = new End("client");
    const { up } = join(client, new End("server"));
    client.session.tick(31_249);
    expect(up.types).toEqual([]);
    client.session.tick(31_250);
    expect(up.types).toEqual(["ping"]);
  });

  test("§7.2 the patience follows the round trips, between its floor and its ceiling", () => {
    const { roundTrip } = new End("client").session;
    expect(roundTrip.patienceMs).toBe(10_000);
    roundTrip.sample(100);
    expect(roundTrip.patienceMs).toBe(3_000);
    for (let i = 0; i < 20; i += 1) roundTrip.sample(i % 2 === 0 ? 200 : 4_000);
    expect(roundTrip.patienceMs).toBeGreaterThan(5_000);
    for (let i = 0; i < 20; i += 1) roundTrip.sample(60_000);
    expect(roundTrip.patienceMs).toBe(20_000);
  });

  test("§7.3 a clock that leaps ahead kills no link, it pings; twice without an answer does", () => {
    const server = new End("server");
    const link = join(new End("client"), server);
    server.session.tick(86_400_000);
    expect(link.down.closed).toBeUndefined();
    server.session.tick(86_400_000);
    expect(link.down.types).toEqual(["ping"]);
    link.flow(86_400_000);
    server.session.tick(2 * 86_400_000);
    server.session.tick(2 * 86_400_000);
    server.session.tick(3 * 86_400_000);
    expect(link.down.closed).toBe(CloseCode.timeout);
  });

  test("§7.3 a session without a link outlives a pause of the server by the grace", () => {
    const server = new End("server");
    join(new End("client"), server).serverLink.lost(0);
    server.session.tick(600_000);
    expect(server.ended).toEqual([]);
    expect(server.session.nextTickAt).toBe(610_000);
    server.session.tick(610_000);
    expect(server.ended).toHaveLength(1);
  });

  test("§7.3 a clock that goes back changes no deadline", () => {
    const server = new End("server");
    join(new End("client"), server);
    server.session.tick(10_000);
    server.session.tick(-500_000);
    expect(server.session.nextTickAt).toBe(-485_000);
  });

  test("§7.1 `nextTickAt` is no moment too early for what is due, whatever fractions clock and limits have", () => {
    const limits = { ...defaultLimits, heartbeatMs: 1_001 };
    const client = new End("client", { limits });
    const link = join(client, new End("server", { limits }), 0.7);
    client.session.tick(5.9);
    const at = client.session.nextTickAt;
    client.session.tick(at - 2);
    expect(link.up.types).toEqual([]);
    client.session.tick(at);
    expect(link.up.types).toEqual(["ping"]);
    expect(client.session.nextTickAt).toBeGreaterThan(at);
  });

  test("§7.5 entries are evicted at the budget, and the next link says gap", () => {
    const limits = { ...defaultLimits, logEntries: 3 };
    const client = new End("client");
    const server = new End("server", { limits });
    join(client, server).clientLink.lost(0);
    server.session.live?.lost(0);
    for (let i = 0; i < 5; i += 1) server.session.send(entryOf(`d${i}`), 0);
    expect(server.session.retained.entries).toBe(3);
    join(client, server);
    expect(client.linked.at(-1)).toMatchObject({ answer: "gap", reason: "overflow", lost: 2 });
    expect(client.names).toEqual(["d2", "d3", "d4"]);
    expect(client.session.received).toBe(5);
  });

  test("§7.5 a live link never skips: it is closed as slow before unwritten entries go", () => {
    const limits = { ...defaultLimits, logEntries: 3 };
    const server = new End("server", { limits });
    const { down } = join(new End("client"), server);
    down.isReady = false;
    for (let i = 0; i < 4; i += 1) server.session.send(entryOf(`d${i}`), 0);
    expect(down.closed).toBeUndefined();
    server.session.send(entryOf("d4"), 0);
    expect(down.closed).toBe(CloseCode.slow);
    expect(server.session.retained.entries).toBe(3);
  });

  test("§7.5 the policy end ends, the policy refuse refuses, at n and n+1", () => {
    const limits = { ...defaultLimits, logEntries: 2 };
    const ending = new End("server", { limits, overflow: "end" });
    const refusing = new End("client", { limits });
    for (const end of [ending, refusing]) {
      expect([0, 1, 2].map(() => end.session.send(entryOf("x"), 0))).toEqual([0, 1, -1]);
    }
    expect(ending.ended).toMatchObject([{ code: 4007 }]);
    expect(refusing.ended).toEqual([]);
  });

  test("§9 a message of messageBytes is sent, one more throws before it is sent", () => {
    const size = entryOf("x", "").size;
    const limits = { ...defaultLimits, messageBytes: size + 10 };
    const { session } = new End("server", { limits });
    expect(session.send(entryOf("x", "1234567890"), 0)).toBe(0);
    expect(() => session.send(entryOf("x", "12345678901"), 0)).toThrow(MessageTooLargeError);
  });

  test("§9 what was taken before the limit was known comes back as unsent", () => {
    const client = new End("client");
    client.session.send(entryOf("x", "long enough"), 0);
    const limits = { ...defaultLimits, messageBytes: 10 };
    join(client, new End("server", { limits }));
    expect(client.linked[0]?.unsent).toHaveLength(1);
    expect(client.session.sent).toBe(0);
  });

  test("§2.4 a volatile event needs a ready link, and is not counted", () => {
    const client = new End("client");
    const server = new End("server");
    expect(server.session.sendVolatile(volatileOf("v"), 0)).toBe(false);
    const link = join(client, server);
    expect(server.session.sendVolatile(volatileOf("v"), 0)).toBe(true);
    link.flow();
    expect(client.names).toEqual(["v"]);
    expect(client.session.received).toBe(0);
    link.down.isReady = false;
    expect(server.session.sendVolatile(volatileOf("v"), 0)).toBe(true);
    expect(server.session.sendVolatile(volatileOf("v"), 0)).toBe(false);
  });

  test("replace changes what no link has carried, and nothing else", () => {
    const client = new End("client");
    const server = new End("server");
    const position = server.session.send(entryOf("old"), 0);
    expect(server.session.replace(position, entryOf("new"))).toBe(true);
    expect(server.session.replace(position + 1, entryOf("new"))).toBe(false);
    join(client, server);
    expect(client.names).toEqual(["new"]);
    expect(server.session.replace(position, entryOf("late"))).toBe(false);
  });

  test("pongs and acks that a link cannot take are bounded: the latest of each", () => {
    const server = new End("server");
    const { serverLink, down } = join(new End("client"), server);
    down.isReady = false;
    server.session.send(entryOf("d"), 0);
    down.written.length = 0;
    for (let id = 0; id < 1000; id += 1) serverLink.receive({ type: "ping", id }, 0);
    expect(down.types).toEqual([]);
    down.isReady = true;
    serverLink.drain(0);
    expect(down.written).toEqual([{ type: "pong", id: 999 }]);
  });
});

describe("§10 polls and POSTs", () => {
  test("§10.4 a retried body is applied once, a hole is not applied", () => {
    const client = new End("client");
    const server = new End("server");
    const { serverLink } = join(client, server);
    const packets: Packet[] = ["a", "b"].map((name) => ({ type: "event", name }));
    for (let copy = 0; copy < 3; copy += 1) {
      expect(serverLink.seek(0, 0)).toBe(true);
      for (const packet of packets) serverLink.receive(packet, 0);
    }
    expect(server.names).toEqual(["a", "b"]);
    expect(serverLink.seek(3, 0)).toBe(false);
    expect(server.session.takeAck()).toBe(2);
    expect(serverLink.seek(1, 0)).toBe(true);
    for (const name of ["b", "c"]) serverLink.receive({ type: "event", name }, 0);
    expect(server.names).toEqual(["a", "b", "c"]);
  });

  test("§10.5 a poll is answered from the count that it names; an old copy gets nothing", () => {
    const server = new End("server");
    const { serverLink, down } = join(new End("client"), server);
    for (let i = 0; i < 4; i += 1) server.session.send(entryOf(`d${i}`), 0);
    const names = (): unknown[] =>
      down.written.splice(0).map((packet) => (packet as { name?: string }).name);
    const rewind = (received: number): boolean => server.session.rewind(serverLink, received, 0);
    names();
    expect(rewind(1)).toBe(true);
    expect(names()).toEqual(["d1", "d2", "d3"]);
    expect(rewind(1)).toBe(true);
    expect(names()).toEqual(["d1", "d2", "d3"]);
    expect(rewind(0)).toBe(false);
    expect(names()).toEqual([]);
    expect(rewind(5)).toBe(false);
    expect(server.ended).toMatchObject([{ code: 4400 }]);
  });
});

describe("§4 packets that do not belong", () => {
  const strange: Packet[] = [
    helloOf(9, 0),
    { type: "batch", session: sessionId, secret, link: 1 },
    { type: "renew" },
  ];
  test.each(strange)("a server ends a session that sends $type", (packet) => {
    const server = new End("server");
    join(new End("client"), server).serverLink.receive(packet, 0);
    expect(server.ended).toMatchObject([{ code: 4400 }]);
  });

  test("a client ends a session whose server sends hello or token", () => {
    for (const packet of [helloOf(9, 0), { type: "token", token: "t" } as const]) {
      const client = new End("client");
      join(client, new End("server")).clientLink.receive(packet, 0);
      expect(client.ended).toMatchObject([{ code: 4400 }]);
    }
  });

  test("§7.6 a client's 4000 ends the server's session at once", () => {
    const client = new End("client");
    const server = new End("server");
    const link = join(client, server);
    client.session.end(CloseCode.closed, "done", 0);
    for (const packet of link.up.written.splice(0)) link.serverLink.receive(packet, 0);
    expect(server.ended).toMatchObject([{ code: 4000 }]);
    expect(client.ended).toMatchObject([{ code: 4000 }]);
    expect(server.session.send(entryOf("x"), 0)).toBe(-1);
    expect(isFault(server.session.accept(new Recorder(), helloOf(5, 0), 0))).toBe(true);
  });

  test("§11 a drain keeps the session and carries its delay", () => {
    const client = new End("client");
    const server = new End("server");
    const link = join(client, server);
    server.session.unlink(CloseCode.draining, "", 0, { retryMs: 700 });
    link.flow();
    expect(client.unlinked).toMatchObject([{ code: 4002, reconnect: true, retryMs: 700 }]);
    expect(client.ended).toEqual([]);
    join(client, server);
    expect(client.linked.at(-1)?.answer).toBe("resumed");
  });
});
