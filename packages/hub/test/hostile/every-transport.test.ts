// Attacks of a client that speaks the protocol, on every transport: each ends with its code, and
// somebody who talks to the same hub all the while notices nothing.

import { connect } from "@tidewire/client/node";
import { describe, expect, it, onTestFinished } from "vitest";
import { hostileNames } from "../support/setup.js";
import { eventually, hello, type Served, serve } from "../transports/served.js";
import { attackedTransports, knock, type Welcome } from "./attacker.js";

/** A client that keeps to the rules; answers a function that proves that it still can. */
async function bystander(served: Served): Promise<() => Promise<void>> {
  served.hub.handle("echo", (_, data) => data);
  const client = connect(served.base);
  onTestFinished(() => client.close());
  await client.ready();
  const { session } = client;
  return async () => {
    await expect(client.request("echo", "still here")).resolves.toBe("still here");
    expect([client.session, client.state]).toEqual([session, "connected"]);
  };
}

const deep = (text: string): string => `{"type":"event","name":"a","data":${text.repeat(100_000)}`;

const malformed: readonly (readonly [string, string])[] = [
  ["F3 no JSON", "{"],
  ["F3 a list", "[]"],
  ["F3 a name that is a number", '{"type":"event","name":5}'],
  ["F3 a name that is an object", '{"type":"event","name":{"toString":"x"}}'],
  ["F6 §g a name with control characters", '{"type":"event","name":"a\\r\\nb"}'],
  ["F12 a name of 129 characters", `{"type":"event","name":"${"n".repeat(129)}"}`],
  ["E1 a type that is a member of Object", '{"type":"__proto__"}'],
  ["F2 a stream that is no whole number", '{"type":"data","stream":"length","data":1}'],
  ["F2 a negative stream", '{"type":"data","stream":-1,"data":1}'],
  ["F5 items of a stream that was never opened", '{"type":"data","stream":1001,"data":1}'],
  ["F7 depth of 100,000 lists", deep("[")],
  ["F7 depth of 100,000 objects", deep('{"a":')],
  ["E9 a welcome", '{"type":"welcome"}'],
  ["§g an acknowledgement of what was never sent", '{"type":"ack","count":1000000}'],
  ["E9 a second hello", JSON.stringify(hello)],
];

describe.each(attackedTransports)("over %s", (transport) => {
  it("what breaks the protocol ends with 4400, and harms nobody else", async () => {
    const served = await serve();
    const proveAlive = await bystander(served);
    for (const [what, line] of malformed) {
      const { attack, hangUp } = await knock(served.base, transport, hello);
      expect([what, await attack(line)]).toEqual([what, 4400]);
      hangUp();
    }
    await proveAlive();
    expect(served.hub.stats().sessions).toBe(1);
    expect(served.errors).toEqual([]);
  });

  it("F1 a message above messageBytes ends the session", async () => {
    const served = await serve({ limits: { messageBytes: 10_000, batchBytes: 100_000 } });
    const proveAlive = await bystander(served);
    const event = { type: "event", name: "a", data: "x".repeat(20_000) };
    const { attack, hangUp } = await knock(served.base, transport, hello);
    expect(await attack(JSON.stringify(event))).toBe(4413);
    hangUp();
    await eventually(() => served.hub.stats().sessions === 1);
    await proveAlive();
  });

  it("E8 ids and secrets are long, different each time, and unlike each other", async () => {
    const { base } = await serve();
    const seen = new Set<string>();
    for (let count = 0; count < 20; count += 1) {
      const { answer, hangUp } = await knock(base, transport, hello);
      const { session, secret } = answer as Welcome;
      // 22 characters of base64url are 128 bits.
      expect(Math.min(session.length, secret!.length)).toBeGreaterThanOrEqual(22);
      seen.add(session).add(secret!);
      hangUp();
    }
    expect(seen.size).toBe(40);
  });

  it("E5 E9 E10 a stolen session opens for nobody else, whatever of the hello is changed", async () => {
    const origin = "https://a.example";
    const served = await serve({
      origins: [origin, "https://b.example"],
      authenticate: ({ token }) => ({ user: token ?? "guest" }),
    });
    const greeting = { ...hello, token: "ada" };
    const owner = await knock(served.base, transport, greeting, { origin });
    const { session, secret } = owner.answer as Welcome;
    const claim = { ...greeting, link: 5, session, secret, received: 0 };
    const wrong = `${secret!.slice(0, -1)}${secret!.endsWith("A") ? "E" : "A"}`;
    const attempts = [
      ["another user", { ...claim, token: "eve" }, origin, { type: "bye", code: 4403 }],
      ["no token", { ...claim, token: undefined }, origin, { type: "bye", code: 4403 }],
      ["another origin", claim, "https://b.example", { type: "bye", code: 4403 }],
      ["another version", { ...claim, version: 2 }, origin, { type: "bye", code: 4426 }],
      ["no version", { ...claim, version: undefined }, origin, { type: "bye", code: 4400 }],
      ["an old link", { ...claim, link: 1 }, origin, { type: "bye", code: 4409 }],
      ["no secret", { ...claim, secret: undefined }, origin, { type: "bye", code: 4400 }],
      ["no count", { ...claim, received: undefined }, origin, { type: "bye", code: 4400 }],
      ["__proto__", { ...claim, session: "__proto__" }, origin, { type: "bye", code: 4400 }],
      [
        "a wrong secret",
        { ...claim, secret: wrong },
        origin,
        { answer: "fresh", reason: "unknown" },
      ],
    ] as const;
    for (const [what, attempt, from, outcome] of attempts) {
      const thief = await knock(served.base, transport, attempt, { origin: from });
      expect([what, thief.answer]).toMatchObject([what, outcome]);
      thief.hangUp();
    }
    // The owner is where it was, and comes back with what it was given.
    expect(served.hub.peer(session)?.user).toBe("ada");
    const again = await knock(served.base, transport, claim, { origin });
    expect(again.answer).toMatchObject({ answer: "resumed", session });
    owner.hangUp();
    again.hangUp();
  });

  it("E11 F14 what a hello or a cookie claims is never taken for a fact of the connection", async () => {
    const seen: unknown[] = [];
    const served = await serve({
      authenticate: ({ address, origin, headers, url }) => {
        seen.push([address, origin, headers.get("x-user"), new URL(url).pathname]);
        return {};
      },
    });
    const forged = {
      ...hello,
      headers: { "x-user": "admin" },
      address: "10.0.0.1",
      origin: "https://evil.example",
      url: "http://evil.example/",
      user: "admin",
    };
    const cookie = '=; ;;a=b=c; %ff=%; "; __proto__=1; path';
    const { answer, hangUp } = await knock(served.base, transport, forged, { cookie });
    expect(answer).toMatchObject({ type: "welcome", answer: "fresh" });
    const path = transport === "websocket" ? "/tidewire" : `/tidewire/${transport}`;
    expect(seen).toEqual([["127.0.0.1", undefined, null, path]]);
    expect(served.hub.peer((answer as Welcome).session)?.user).toBeUndefined();
    hangUp();
    for (const token of [5, null, true, {}, [], "x".repeat(16_385)]) {
      const refused = await knock(served.base, transport, { ...hello, token });
      expect([token, refused.answer]).toMatchObject([token, { type: "bye", code: 4400 }]);
      refused.hangUp();
    }
    expect(served.errors).toEqual([]);
  });
});

describe.each(["websocket", "sse", "stream", "long-polling", "polling"] as const)(
  "a client over %s",
  (transport) => {
    it("E1 F6 F9 names that are members of Object, in every place, on both ends", async () => {
      const names = [...hostileNames, "disconnecting", "connect", "disconnect"];
      const served = await serve({
        authenticate: ({ token }) => ({ user: token! }),
        rooms: () => ({ presence: true, history: true }),
      });
      const { hub } = served;
      const calls: string[] = [];
      hub.on("connect", () => void calls.push("connect"));
      hub.on("disconnect", () => void calls.push("disconnect"));
      hub.onAny((peer, name, data) => {
        peer.join(name, { [name]: name });
        hub.to(name).emit(name, data);
      });
      const client = connect(served.base, { transports: [transport], token: "__proto__" });
      onTestFinished(() => client.close());
      const heard = new Map<string, unknown>();
      const present = new Set<string>();
      const errors: unknown[] = [];
      client.watch("error", (error) => errors.push(error));
      client.onAny((name, data, { room }) => void heard.set(`${name} ${room}`, data));
      client.onPresence((_, { room }) => void present.add(room!));
      await client.ready();
      for (const name of names) {
        const data = JSON.parse(`{"__proto__":{"polluted":true},${JSON.stringify(name)}:1}`);
        client.emit(name, data);
      }
      for (const name of names) {
        await expect.poll(() => heard.has(`${name} ${name}`), { timeout: 15_000 }).toBe(true);
        const data = heard.get(`${name} ${name}`) as object;
        expect(Object.keys(data)).toContain("__proto__");
        expect(client.position(name)).toMatchObject({ offset: 1 });
      }
      await expect.poll(() => present.size, { timeout: 15_000 }).toBe(names.length);
      for (const name of names) {
        hub.handle(`ask ${name}`, () => ({ [name]: name }));
        await expect(client.request(`ask ${name}`)).resolves.toEqual({ [name]: name });
      }
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
      // The hub's own hooks were called for the peer itself, never for what it said.
      expect(calls).toEqual(["connect"]);
      expect(hub.peer(client.session!)?.user).toBe("__proto__");
      expect([errors, served.errors]).toEqual([[], []]);
    });
  },
);
