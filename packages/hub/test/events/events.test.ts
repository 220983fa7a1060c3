import { jsonCodec } from "@tidewire/session-protocol";
import { describe, expect, test } from "vitest";
import { FailureError, type Peer, type RequestInfo } from "../../src/index.js";
import { hostileNames, setup } from "../support/setup.js";

describe("events and requests", () => {
  test("§8.1 an event reaches its listeners, and an answer the sender", async () => {
    const { hub, joined, world } = setup();
    const heard: unknown[] = [];
    hub.on("say", (peer, data) => {
      heard.push(data);
      peer.emit("said", data);
    });
    const client = await joined();
    client.emit("say", { text: "hello" });
    await world.settle();
    expect(heard).toEqual([{ text: "hello" }]);
    expect(client.heard).toEqual([["said", { text: "hello" }]]);
  });

  test("§8.2 a request gets exactly one reply, also an asynchronous one", async () => {
    const { hub, joined, world } = setup();
    hub.handle("add", (_peer, data) => (data as number[]).reduce((sum, n) => sum + n, 0));
    hub.handle("later", async () => "done");
    const client = await joined();
    const [sum, later] = [client.request("add", [1, 2]), client.request("later")];
    await world.settle();
    expect(await sum).toMatchObject({ type: "reply", data: 3 });
    expect(await later).toMatchObject({ type: "reply", data: "done" });
  });

  test("a handler that throws: `internal` without details to the peer, the error to the hook", async () => {
    const { hub, joined, world, errors } = setup();
    const secret = new Error("password is hunter2");
    hub.handle("sync", () => {
      throw secret;
    });
    hub.handle("async", async () => {
      throw secret;
    });
    hub.on("event", () => {
      throw secret;
    });
    const client = await joined();
    const answers = [client.request("sync"), client.request("async")];
    client.emit("event");
    await world.settle();
    for (const answer of answers) {
      expect(await answer).toMatchObject({
        type: "failure",
        code: "internal",
        message: "the handler failed",
      });
    }
    expect(errors).toEqual([secret, secret, secret]);
    expect(client.session.live).toBeDefined();
  });

  test("a FailureError reaches the asker with code, message and data", async () => {
    const { hub, joined, world, errors } = setup();
    hub.handle("buy", () => {
      throw new FailureError("sold-out", "nothing left", { data: { left: 0 } });
    });
    const client = await joined();
    const answer = client.request("buy");
    await world.settle();
    expect(await answer).toMatchObject({
      code: "sold-out",
      message: "nothing left",
      data: { left: 0 },
    });
    expect(errors).toEqual([]);
  });

  test("a reply that cannot be sent becomes a failure, and the session lives", async () => {
    const { hub, joined, world, errors } = setup({ limits: { messageBytes: 1_000 } });
    hub.handle("date", () => new Date(0));
    hub.handle("large", () => "x".repeat(2_000));
    const client = await joined();
    const answers = [client.request("date"), client.request("large")];
    await world.settle();
    expect(await answers[0]).toMatchObject({ type: "failure", code: "internal" });
    expect(await answers[1]).toMatchObject({ type: "failure", code: "too-large" });
    expect(errors).toHaveLength(1);
    expect(client.session.live).toBeDefined();
  });

  test("§8.2 unknown names: `unknown-name` to a request, the hook for an event", async () => {
    const { hub, joined, world } = setup();
    const refusals: unknown[] = [];
    hub.onRefused((_peer, refusal) => refusals.push([refusal.type, refusal.code, refusal.name]));
    const client = await joined();
    const answer = client.request("nobody");
    client.emit("nothing");
    await world.settle();
    expect(await answer).toMatchObject({ code: "unknown-name" });
    expect(refusals).toEqual([
      ["request", "unknown-name", "nobody"],
      ["event", "unknown-name", "nothing"],
    ]);
  });

  test("F6, §12.5 reserved words from the wire are events like any other, and no hooks", async () => {
    const { hub, joined, world, errors } = setup();
    let connects = 0;
    const any: string[] = [];
    hub.on("connect", () => {
      connects += 1;
    });
    hub.on("disconnect", () => {
      throw new Error("nobody has left");
    });
    hub.onAny((_peer, name) => any.push(name));
    const client = await joined();
    const names = ["connect", "disconnect", ...hostileNames];
    for (const name of names) client.emit(name);
    await world.settle();
    expect(any).toEqual(names);
    expect(connects).toBe(1);
    expect(errors).toEqual([]);
  });

  test("E1, §12.5 names of members of Object work as names of events and requests, or are unknown", async () => {
    const { hub, joined, world } = setup();
    const client = await joined();
    for (const name of hostileNames) {
      const before = client.request(name);
      await world.settle();
      expect(await before).toMatchObject({ code: "unknown-name" });
      hub.handle(name, () => name);
      const after = client.request(name);
      await world.settle();
      expect(await after).toMatchObject({ data: name });
    }
  });

  test("F3 every field of a packet with every type of JSON: the hub lives, the others are unharmed", async () => {
    const { hub, joined, world, errors } = setup();
    hub.on("say", (peer) => peer.emit("said"));
    const other = await joined();
    const values = [null, true, 0, -1, 1.5, "", "x", [], {}, [[]], { __proto__: 1 }];
    const packets: Record<string, unknown>[] = [
      { type: "event", name: "say" },
      { type: "request", id: 1, name: "say", timeoutMs: 1 },
      { type: "reply", id: 1 },
      { type: "failure", id: 1, code: "x", message: "x" },
      { type: "abort", id: 1 },
      { type: "open", stream: 1, name: "say", credit: 1 },
      { type: "data", stream: 1 },
      { type: "credit", stream: 1, credit: 1 },
      { type: "end", stream: 1 },
      { type: "cancel", stream: 1, code: "x", message: "x" },
      { type: "ack", count: 0 },
      { type: "ping", id: 1 },
      { type: "token", token: "x" },
      { type: "bye", code: 4000, reason: "" },
    ];
    for (const packet of packets) {
      for (const field of Object.keys(packet)) {
        for (const value of values) {
          const client = await joined({
            address: `${String(Object.values(packet)[0])}${field}${JSON.stringify(value)}`,
          });
          client.carrier.inject(JSON.stringify({ ...packet, [field]: value }));
          client.carrier.cut();
          hub.peer(client.session.id ?? "")?.disconnect();
        }
      }
    }
    other.emit("say");
    await world.settle();
    expect(other.heard).toEqual([["said", undefined]]);
    expect(errors).toEqual([]);
    expect(hub.stats().sessions).toBe(1);
  });

  test("`__proto__` in data arrives as a key, and changes no object", async () => {
    const { hub, joined, world } = setup();
    let got: unknown;
    hub.on("say", (_peer, data) => {
      got = data;
    });
    const client = await joined();
    const position = client.session.sent;
    client.carrier.inject('{"type":"event","name":"say","data":{"__proto__":{"admin":true}}}');
    await world.settle();
    expect(position).toBe(0);
    expect(Object.keys(got as object)).toEqual(["__proto__"]);
    expect((got as { admin?: boolean }).admin).toBeUndefined();
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});

test("a handler that ends its own peer's session is told through its signal, and answers nobody", async () => {
  const { hub, joined, world, errors } = setup();
  const aborted: boolean[] = [];
  const leave = (peer: Peer, info: RequestInfo): string => {
    aborted.push(info.signal.aborted);
    peer.disconnect();
    aborted.push(info.signal.aborted);
    return "bye";
  };
  hub.handle("sync", (peer, _data, info) => leave(peer, info));
  hub.handle("async", async (peer, _data, info) => leave(peer, info));
  for (const name of ["sync", "async"]) {
    const client = await joined();
    void client.request(name);
    await world.settle();
  }
  expect(aborted).toEqual([false, true, false, true]);
  expect(errors).toEqual([]);
});

test("§8.2 an id is free again when its request was answered, at once or later", async () => {
  const { hub, joined, world } = setup();
  hub.handle("sync", (_peer, data) => data);
  hub.handle("async", async (_peer, data) => data);
  const client = await joined();
  for (const name of ["sync", "async", "sync", "async"]) {
    const answers: unknown[] = [];
    client.requests.open(0, Number.POSITIVE_INFINITY, (answer) => answers.push(answer), 5);
    client.send({ type: "request", id: 5, name, data: name });
    await world.settle();
    expect(answers).toEqual([{ type: "reply", id: 5, data: name }]);
  }
});

describe("order", () => {
  test("handlers of one peer never overlap and keep its order; those of another do not wait", async () => {
    const { hub, joined, world } = setup();
    const log: string[] = [];
    const gates: (() => void)[] = [];
    hub.on("slow", async (peer, data) => {
      log.push(`begin ${data}`);
      if (data === 1) await new Promise<void>((resolve) => gates.push(resolve));
      log.push(`end ${data}`);
      peer.emit("done", data);
    });
    const [one, two] = [await joined(), await joined()];
    for (const n of [1, 2, 3]) one.emit("slow", n);
    two.emit("slow", 9);
    await world.settle();
    expect(log).toEqual(["begin 1", "begin 9", "end 9"]);
    gates[0]?.();
    await world.settle();
    expect(log.slice(3)).toEqual(["end 1", "begin 2", "end 2", "begin 3", "end 3"]);
    expect(one.heard.map(([, data]) => data)).toEqual([1, 2, 3]);
  });

  test("a handler may ask its own peer while its events wait", async () => {
    const { hub, joined, world } = setup();
    hub.handle("delete", async (peer) => await peer.request("sure?", null));
    const client = await joined();
    client.onRequest = ({ id }) => ({ type: "reply", id, data: "yes" });
    const answer = client.request("delete");
    await world.settle();
    expect(await answer).toMatchObject({ data: "yes" });
  });

  test("`concurrent` handlers do not hold up what comes after", async () => {
    const { hub, joined, world } = setup();
    let open = (): void => {};
    hub.handle("slow", () => new Promise((resolve) => (open = () => resolve("slow"))), {
      concurrent: true,
    });
    hub.handle("quick", () => "quick");
    const client = await joined();
    const [slow, quick] = [client.request("slow"), client.request("quick")];
    await world.settle();
    expect(await quick).toMatchObject({ data: "quick" });
    open();
    await world.settle();
    expect(await slow).toMatchObject({ data: "slow" });
  });

  test("§8.2 more requests than `limits.requests` at once are answered `busy`; an id twice ends it", async () => {
    const { hub, joined, world } = setup({ limits: { requests: 3 } });
    hub.handle("wait", () => new Promise(() => {}));
    const client = await joined();
    const answers = [1, 2, 3, 4].map(() => client.request("wait"));
    await world.settle();
    expect(await answers[3]).toMatchObject({ code: "busy" });
    client.send({ type: "request", id: 1, name: "wait" });
    await world.settle();
    expect(client.byes).toMatchObject([{ code: 4400 }]);
  });

  test("§8.2 `abort` fires the handler's signal, and no answer follows", async () => {
    const { hub, joined, world } = setup();
    let signal: AbortSignal | undefined;
    hub.handle("wait", (_peer, _data, info) => {
      signal = info.signal;
      return new Promise((resolve) => info.signal.addEventListener("abort", () => resolve("late")));
    });
    const client = await joined();
    let isAnswered = false;
    void client.request("wait").then(() => {
      isAnswered = true;
    });
    await world.settle();
    client.send({ type: "abort", id: 1 });
    await world.settle();
    expect(signal?.aborted).toBe(true);
    expect(isAnswered).toBe(false);
  });
});

describe("middleware", () => {
  test("layers run as an onion around each event and request, and may refuse", async () => {
    const { hub, joined, world } = setup();
    const log: string[] = [];
    hub.use(async ({ name }, next) => {
      log.push(`in ${name}`);
      await next();
      log.push(`out ${name}`);
    });
    hub.use(async ({ name, data }, next) => {
      if (data === "bad") throw new FailureError("forbidden", `not ${name}`);
      await next();
    });
    hub.handle("ask", () => {
      log.push("handled");
      return "yes";
    });
    const client = await joined();
    const good = client.request("ask");
    await world.settle();
    const bad = client.request("ask", "bad");
    await world.settle();
    expect(await good).toMatchObject({ data: "yes" });
    expect(await bad).toMatchObject({ code: "forbidden", message: "not ask" });
    expect(log).toEqual(["in ask", "handled", "out ask", "in ask"]);
  });

  test("a layer that does not call next: the request is refused; twice: an error of the program", async () => {
    const { hub, joined, world, errors } = setup();
    hub.use(async ({ data }, next) => {
      if (data === "swallow") return;
      await next();
      if (data === "twice") await next();
    });
    hub.handle("ask", () => 1);
    const client = await joined();
    const swallowed = client.request("ask", "swallow");
    const twice = client.request("ask", "twice");
    await world.settle();
    expect(await swallowed).toMatchObject({ code: "forbidden" });
    expect(await twice).toMatchObject({ code: "internal" });
    expect(String(errors[0])).toContain("next() twice");
  });
});

describe("requests to a peer", () => {
  test("§8.2 reply, failure, timeout with abort, and loss with the session", async () => {
    const { hub, joined, world } = setup();
    const client = await joined();
    client.onRequest = ({ id, name }) =>
      name === "yes"
        ? { type: "reply", id, data: 1 }
        : name === "no"
          ? { type: "failure", id, code: "no", message: "never" }
          : undefined;
    const peer = hub.peer(client.session.id ?? "")!;
    const yes = peer.request("yes", null);
    const no = peer.request("no", null);
    const late = peer.request("silence", null, { timeoutMs: 500 });
    const lost = peer.request("silence", null);
    const results = Promise.allSettled([yes, no, late, lost]);
    await world.pass(1_000);
    peer.disconnect();
    await world.settle();
    const [a, b, c, d] = await results;
    expect(a).toMatchObject({ value: 1 });
    expect(b).toMatchObject({ reason: { code: "no", message: "never" } });
    expect(c).toMatchObject({ reason: { code: "timeout" } });
    expect(d).toMatchObject({ reason: { code: "lost" } });
  });

  test("a wait that the wire cannot tell is refused by name", async () => {
    const { hub, joined } = setup();
    const peer = hub.peer((await joined()).session.id ?? "")!;
    for (const timeoutMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 86_400_001]) {
      await expect(peer.request("x", null, { timeoutMs })).rejects.toThrow(/timeoutMs is/);
      await expect(hub.all.request("x", null, { timeoutMs })).rejects.toThrow(/timeoutMs is/);
    }
  });

  test("a signal stops the waiting and tells the client", async () => {
    const { hub, joined, world } = setup();
    const client = await joined();
    const peer = hub.peer(client.session.id ?? "")!;
    const controller = new AbortController();
    const waiting = peer.request("wait", null, { signal: controller.signal });
    const settled = expect(waiting).rejects.toMatchObject({ code: "aborted" });
    await world.settle();
    controller.abort();
    await settled;
    expect(hub.stats().requests).toBe(0);
    await world.settle();
    // The request, and its abort.
    expect(client.session.received).toBe(2);
  });
});

test("§g answers to ids that were never asked are ignored; an ack of what was never sent is 4400", async () => {
  const { hub, joined, world, errors } = setup();
  const client = await joined();
  for (let id = 0; id < 1_000; id += 1) {
    client.send({ type: "reply", id, data: id });
    client.send({ type: "failure", id, code: "x", message: "" });
    client.send({ type: "abort", id });
    if (id % 100 === 0) await world.settle();
  }
  await world.settle();
  expect([hub.stats().requests, hub.stats().inboxEntries, errors]).toEqual([0, 0, []]);
  client.carrier.inject('{"type":"ack","count":9}');
  await world.settle();
  expect(client.byes).toMatchObject([{ code: 4400 }]);
});

test("a listener can be taken off", async () => {
  const { hub, joined, world } = setup();
  const heard: unknown[] = [];
  const off = hub.on("say", (_peer, data) => heard.push(data));
  const client = await joined();
  client.emit("say", 1);
  await world.settle();
  off();
  client.emit("say", 2);
  await world.settle();
  expect(heard).toEqual([1]);
});

test("§3.2 a client with the binary codec hears a broadcast that was encoded as JSON, with its bytes", async () => {
  const { hub, joined, world } = setup();
  const codec = hub.admission.codecs[1]!;
  const client = await joined({ codec });
  const plain = await joined({ codec: jsonCodec });
  hub.emit("bytes", { bytes: new Uint8Array([1, 2, 3]) });
  await world.settle();
  for (const one of [client, plain]) {
    expect([...(one.events[0]!.data as { bytes: Uint8Array }).bytes]).toEqual([1, 2, 3]);
  }
});
