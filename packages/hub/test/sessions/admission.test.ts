import { type Bye, type Hello, jsonCodec, type LinkPort } from "@tidewire/session-protocol";
import { describe, expect, test } from "vitest";
import { RefusedError } from "../../src/index.js";
import { hostileNames, setup } from "../support/setup.js";

const port: LinkPort = { codec: jsonCodec, write: () => true, close: () => {} };

async function whoIs({
  token,
}: {
  token: string | undefined;
}): Promise<{ user: string; data: { token: string } }> {
  if (token === undefined || !token.startsWith("user:")) throw new Error(`bad token ${token}`);
  const user = token.slice(5).split(" ")[0] ?? "";
  return { user, data: { token } };
}

describe("§5.3 authentication", () => {
  test("who it is becomes peer.user and peer.data; a bad token is 4401 without details", async () => {
    const { hub, joined, errors } = setup({ authenticate: whoIs });
    const client = await joined({ token: "user:ann" });
    expect(hub.peer(client.session.id ?? "")).toMatchObject({
      user: "ann",
      data: { token: "user:ann" },
    });
    const bad = await joined({ token: "nobody" });
    expect(bad.byes).toEqual([{ type: "bye", code: 4401, reason: "not authenticated" }]);
    expect(bad.ends).toMatchObject([{ code: 4401, reconnect: false, wasLive: false }]);
    expect(errors).toHaveLength(1);
    expect(hub.stats().sessions).toBe(1);
  });

  test("an answer that is no object lets nobody in: a look-up that found no user is not a guest", async () => {
    for (const answer of [undefined, null, "ann", 5]) {
      const { hub, joined, errors } = setup({ authenticate: () => answer as never });
      const client = await joined();
      expect(client.byes).toMatchObject([{ code: 4401, reason: "not authenticated" }]);
      expect(String(errors)).toContain("authenticate answered");
      expect(hub.stats().sessions).toBe(0);
    }
    const guests = setup({ authenticate: () => ({}) });
    expect((await guests.joined()).byes).toEqual([]);
  });

  test("a RefusedError says its code, whether to come back, and when", async () => {
    const { joined, errors } = setup({
      authenticate: () => {
        throw new RefusedError("full", { code: 4503, reconnect: true, retryMs: 1_500.2 });
      },
    });
    const client = await joined();
    expect(client.byes).toEqual([
      { type: "bye", code: 4503, reason: "full", reconnect: true, retryMs: 1_501 },
    ]);
    expect(errors).toEqual([]);
  });

  test("has a deadline: 4408, its signal fires, and what comes too late is nothing", async () => {
    let signal: AbortSignal | undefined;
    let finish = (): void => {};
    const { hub, joined, world } = setup({
      limits: { authenticateMs: 2_000 },
      authenticate: (handshake) => {
        signal = handshake.signal;
        return new Promise<{ user: string }>((resolve) => {
          finish = () => resolve({ user: "late" });
        });
      },
    });
    const client = await joined();
    await world.pass(1_999);
    expect(client.byes).toEqual([]);
    await world.pass(1);
    expect(client.byes).toMatchObject([{ code: 4408 }]);
    expect(signal?.aborted).toBe(true);
    finish();
    await world.settle();
    expect(hub.stats().sessions).toBe(0);
    expect(world.timers).toBe(0);
  });

  test("is given up when the link is gone meanwhile, and no session is left", async () => {
    const { hub, world } = setup({ authenticate: () => new Promise<{ user: string }>(() => {}) });
    const controller = new AbortController();
    const facts = {
      transport: "websocket",
      origin: undefined,
      address: "192.0.2.1",
      url: "",
      headers: { get: () => null },
      signal: controller.signal,
    } as const;
    const answer = hub.admission.open({ type: "hello", version: 1, link: 1 }, port, facts);
    controller.abort();
    expect(((await answer) as Bye).type).toBe("bye");
    expect(hub.stats().sessions).toBe(0);
    expect(world.timers).toBe(0);
  });

  test("connect middleware wraps it and may refuse", async () => {
    const { hub, joined } = setup({ authenticate: whoIs });
    const seen: unknown[] = [];
    hub.useConnect(async (context, next) => {
      seen.push(context.identity);
      await next();
      seen.push(context.identity?.user);
      if (context.identity?.user === "banned") throw new RefusedError("banned", { code: 4403 });
    });
    await joined({ token: "user:ann" });
    const banned = await joined({ token: "user:banned" });
    expect(seen).toEqual([undefined, "ann", undefined, "banned"]);
    expect(banned.byes).toMatchObject([{ code: 4403, reason: "banned" }]);
  });

  test("§3.1 another version is answered 4426 with those spoken", () => {
    const { hub, client } = setup();
    const hello: Hello = { type: "hello", version: 2, link: 1 };
    expect(hub.admission.open(hello, port, client().facts)).toMatchObject({
      code: 4426,
      versions: [1],
    });
  });
});

describe("E8 ids and secrets", () => {
  test("§12.1 128 bits and 256 bits, all different, none derived from the other", async () => {
    const { client, joined } = setup({ limits: { hellosBurst: 1_000 } });
    const seen = new Set<string>();
    for (let i = 0; i < 300; i += 1) {
      const { session } = await joined({ ...client().options, address: `a${i}` });
      expect(session.id).toMatch(/^[\w-]{22}$/);
      expect(session.secret).toMatch(/^[\w-]{43}$/);
      seen.add(session.id ?? "").add(session.secret ?? "");
    }
    expect(seen.size).toBe(600);
  });
});

describe("E9 resume", () => {
  test("§5.4 a link that proves its session resumes it: same peer, same rooms, nothing lost", async () => {
    const { hub, joined, world } = setup();
    let connects = 0;
    const links: boolean[] = [];
    hub.on("connect", (peer) => {
      connects += 1;
      peer.join("lobby");
    });
    hub.onLink((_peer, isLinked) => links.push(isLinked));
    const client = await joined();
    client.carrier.cut();
    hub.to("lobby").emit("missed");
    await world.settle();
    await client.join();
    expect(client.links.map(({ answer }) => answer)).toEqual(["fresh", "resumed"]);
    expect(client.heard).toEqual([["missed", undefined]]);
    expect(connects).toBe(1);
    expect(links).toEqual([true, false, true]);
  });

  test("§5.3 a wrong secret is answered as an unknown session is, and harms nobody", async () => {
    const { client, joined, world } = setup();
    const owner = await joined();
    const answers = [];
    for (const id of [owner.session.id, "unknown".padEnd(22, "x")]) {
      const thief = client();
      thief.session.id = id;
      thief.session.secret = "guess".padEnd(43, "x");
      await thief.join();
      const { answer, reason } = thief.links[0]!;
      answers.push([answer, reason, thief.session.id === owner.session.id]);
    }
    expect(answers).toEqual([
      ["fresh", "unknown", false],
      ["fresh", "unknown", false],
    ]);
    await world.settle();
    expect(owner.session.live).toBeDefined();
  });

  test("§12.2 the secret is useless to another user and from another origin: 4403, and the owner goes on", async () => {
    const { client, joined } = setup({ authenticate: whoIs });
    const owner = await joined({ token: "user:ann" });
    for (const options of [
      { token: "user:eve" },
      { token: "user:ann", origin: "https://evil.example" },
    ]) {
      const thief = client(options);
      thief.session.id = owner.session.id;
      thief.session.secret = owner.session.secret;
      await thief.join();
      expect(thief.byes).toMatchObject([{ code: 4403 }]);
    }
    expect(owner.session.live).toBeDefined();
    expect(owner.byes).toEqual([]);
  });

  test("§12.3 two sockets on one session: the newer link wins, the older is told 4001", async () => {
    const { joined, world, hub } = setup();
    const client = await joined();
    const first = client.carrier;
    client.connect();
    await world.settle();
    expect(first.closed).toBe(4001);
    expect(client.session.live?.number).toBe(2);
    expect(hub.stats()).toMatchObject({ sessions: 1, linked: 1 });
  });

  test("§5.2 an old link number is refused with 4409", async () => {
    const { hub, joined } = setup();
    const client = await joined();
    const { id, secret } = client.session;
    const hello: Hello = {
      type: "hello",
      version: 1,
      link: 1,
      session: id!,
      secret: secret!,
      received: 0,
    };
    expect(hub.admission.open(hello, port, client.facts)).toMatchObject({ code: 4409 });
    expect(client.session.live).toBeDefined();
  });

  test("§5.6 counts that cannot be true: fresh, reason `mismatch`, and the old session is over", async () => {
    const { hub, joined, client } = setup();
    const owner = await joined();
    const copy = client();
    copy.session.id = owner.session.id;
    copy.session.secret = owner.session.secret;
    copy.session.received = 99;
    copy.connect();
    copy.carrier.link?.lost(0);
    await copy.join();
    expect(copy.links).toMatchObject([{ answer: "fresh", reason: "mismatch" }]);
    expect(hub.stats().sessions).toBe(1);
  });

  test("§5.8 the secret changes with every resume; the former one works until the new one was used", async () => {
    const { hub, joined, world } = setup();
    const client = await joined();
    const first = client.session.secret!;
    // The welcome with the new secret is lost: the client comes back with the former one.
    client.carrier.cut();
    const lost = client.connect();
    lost.vanish();
    await world.settle();
    const opened = hub.admission.open(
      {
        type: "hello",
        version: 1,
        link: 3,
        session: client.session.id!,
        secret: first,
        received: 0,
      },
      port,
      client.facts,
    );
    expect(opened).not.toHaveProperty("type");
    const again = hub.admission.open(
      {
        type: "hello",
        version: 1,
        link: 4,
        session: client.session.id!,
        secret: first,
        received: 0,
      },
      port,
      client.facts,
    );
    expect(again).not.toHaveProperty("type");
  });

  test("§5.8 once the new secret was used, an old copy of the former one is worthless", async () => {
    const { client, joined } = setup();
    const owner = await joined();
    const old = owner.session.secret;
    owner.carrier.cut();
    await owner.join();
    expect(owner.session.secret).not.toBe(old);
    owner.carrier.cut();
    await owner.join();
    const thief = client();
    thief.session.id = owner.session.id;
    thief.session.secret = old;
    await thief.join();
    expect(thief.links).toMatchObject([{ answer: "fresh", reason: "unknown" }]);
    expect(owner.session.live).toBeDefined();
  });

  test("a flood of wrong secrets from one address is 4429; another address is not concerned", async () => {
    const { client, joined } = setup({
      limits: { wrongSecretsBurst: 5, wrongSecretsPerSecond: 1 },
    });
    const guess = async (address: string) => {
      const thief = client({ address });
      thief.session.id = "x".repeat(22);
      thief.session.secret = "y".repeat(43);
      await thief.join();
      return thief;
    };
    for (let i = 0; i < 5; i += 1) expect((await guess("192.0.2.6")).links).toHaveLength(1);
    expect((await guess("192.0.2.6")).byes).toMatchObject([{ code: 4429, retryMs: 1_000 }]);
    expect((await joined({ address: "192.0.2.7" })).links).toHaveLength(1);
    // Whoever has one address of a /64 has all of them.
    for (let i = 0; i < 5; i += 1) await guess(`2001:db8:0:1::${i}`);
    expect((await guess("2001:db8:0:1:a:b:c:d")).byes).toMatchObject([{ code: 4429 }]);
    expect((await joined({ address: "2001:db8:0:2::1" })).links).toHaveLength(1);
  });

  test("a flood of hellos from one address is 4429 with the delay", async () => {
    const { joined } = setup({ limits: { hellosBurst: 3, hellosPerSecond: 2 } });
    for (let i = 0; i < 3; i += 1) await joined();
    expect((await joined()).byes).toMatchObject([{ code: 4429, retryMs: 500 }]);
  });

  test("§2.5 a session without a link is over after sessionMs: disconnect, rooms left, then `fresh`", async () => {
    const { hub, joined, world } = setup({ limits: { sessionMs: 60_000 } });
    const over: unknown[] = [];
    hub.on("disconnect", (peer, { code }) => over.push([peer.id, code]));
    const client = await joined();
    const { id } = client.session;
    hub.peer(id ?? "")!.join("room");
    client.carrier.cut();
    await world.pass(59_000);
    expect(hub.stats()).toMatchObject({ sessions: 1, linked: 0, rooms: 1 });
    await world.pass(4_100);
    expect(hub.stats()).toMatchObject({ sessions: 0, rooms: 0 });
    expect(over).toEqual([[id, 4003]]);
    await client.join();
    expect(client.links.at(-1)).toMatchObject({ answer: "fresh", reason: "unknown" });
  });
});

describe("§10.4 batches", () => {
  test("find proves session, secret, origin and link", async () => {
    const { hub, joined } = setup();
    const client = await joined();
    const { id, secret } = client.session;
    const batch = { type: "batch", session: id!, secret: secret!, link: 1 } as const;
    expect(hub.admission.find(batch, client.facts)).toMatchObject({ link: { number: 1 } });
    const cases: [object, object, number][] = [
      [{ secret: "z".repeat(43) }, {}, 4404],
      [{ session: "z".repeat(22) }, {}, 4404],
      [{ link: 2 }, {}, 4409],
      [{}, { origin: "https://evil.example" }, 4403],
    ];
    for (const [change, facts, code] of cases) {
      const found = hub.admission.find({ ...batch, ...change }, { ...client.facts, ...facts });
      expect(found).toMatchObject({ type: "bye", code });
    }
  });

  test("E1 ids that are members of Object find nothing", async () => {
    const { hub, client } = setup();
    for (const session of hostileNames) {
      const batch = { type: "batch", session, secret: session, link: 1 } as const;
      expect(hub.admission.find(batch, client().facts)).toMatchObject({ code: 4404 });
    }
  });
});

describe("§7.4 tokens", () => {
  test("what authenticate answers is checked: whole ms on the wire, and a mistake is ours (4005)", async () => {
    const good = setup({ authenticate: () => ({ renewMs: 1_000.9 }) });
    const client = await good.joined();
    expect(client.links[0]?.welcome?.renewMs).toBe(1_000);
    for (const renewMs of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const bad = setup({ authenticate: () => ({ renewMs }) });
      expect((await bad.joined()).byes).toMatchObject([{ code: 4005 }]);
      expect(String(bad.errors[0])).toContain("renewMs");
    }
  });

  test("a new token renews: data and time change, the client is told", async () => {
    let turn = 0;
    const { hub, joined, world } = setup({
      authenticate: async ({ token }) => ({ user: "ann", data: token, renewMs: 10_000 + turn++ }),
    });
    const client = await joined({ token: "first" });
    expect(client.links[0]?.welcome?.renewMs).toBe(10_000);
    await world.pass(9_000);
    client.sendToken("second");
    await world.settle();
    expect(client.renews).toEqual([{ type: "renew", renewMs: 10_001 }]);
    expect(hub.peer(client.session.id ?? "")?.data).toBe("second");
    await world.pass(9_000);
    expect(client.byes).toEqual([]);
  });

  test("one that runs out: 4402, the session is kept for a new token", async () => {
    const { joined, world } = setup({ authenticate: () => ({ user: "ann", renewMs: 10_000 }) });
    const client = await joined();
    await world.pass(10_100);
    expect(client.byes).toMatchObject([{ code: 4402 }]);
    await client.join();
    expect(client.links.at(-1)).toMatchObject({ answer: "resumed" });
  });

  test("a refused one is 4401, one of another user 4403", async () => {
    const { joined, world } = setup({ authenticate: whoIs });
    for (const [token, code] of [
      ["bad", 4401],
      ["user:eve", 4403],
    ] as const) {
      const client = await joined({ token: "user:ann" });
      client.sendToken(token);
      await world.settle();
      expect(client.byes).toMatchObject([{ code }]);
    }
  });

  test("tokens that come while one is checked: the last counts, one check at a time", async () => {
    let checks = 0;
    const { joined, world, hub } = setup({
      authenticate: async ({ token }) => {
        checks += 1;
        await Promise.resolve();
        return { user: "ann", data: token };
      },
    });
    const client = await joined({ token: "0" });
    for (let i = 1; i <= 10; i += 1) client.sendToken(String(i));
    await world.settle();
    expect(hub.peer(client.session.id ?? "")?.data).toBe("10");
    expect(checks).toBeLessThanOrEqual(11);
    client.sendToken("11");
    await world.settle();
    expect(client.byes).toMatchObject([{ code: 4429 }]);
  });
});
