import { defineContract, type Schema } from "@tidewire/session-protocol";
import { describe, expect, expectTypeOf, test } from "vitest";
import { Hub } from "../../src/index.js";
import { schemaOf, setup, type TestSchema } from "../support/setup.js";

interface Text {
  readonly text: string;
}

const isText = (value: unknown): boolean =>
  typeof (value as { text?: unknown } | null)?.text === "string";
const text = schemaOf<Text>(isText, "text must be a string");

/** Text of a number on the wire, a number to the handler: input and output differ. */
const numeric: TestSchema<string, number> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) =>
      typeof value === "string" && /^\d+$/.test(value)
        ? { value: Number(value) }
        : { issues: [{ message: "not a number", path: [] }] },
  },
};

const later: Schema<string> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: async (value) =>
      value === "right" ? { value } : { issues: [{ message: "not right" }] },
  },
};

const chat = defineContract({
  client: {
    say: {
      data: text,
      reply: schemaOf<{ id: string }>((v) => typeof (v as { id?: unknown }).id === "string"),
    },
    typing: { data: schemaOf<boolean>((v) => typeof v === "boolean") },
    count: { data: numeric, reply: numeric },
    slowly: { data: later, reply: later },
    wave: {},
  },
  server: {
    said: { data: text },
    ask: { data: text, reply: schemaOf<number>((v) => typeof v === "number") },
    bell: {},
  },
  streams: {
    tokens: { data: text, up: schemaOf<number>((v) => typeof v === "number"), down: text },
  },
});

describe("a contract at the edge", () => {
  test("data of a peer is checked: `invalid` with the issues, and no call of the handler", async () => {
    const { hub, joined, world, errors } = setup({ contract: chat });
    let calls = 0;
    hub.handle("say", () => {
      calls += 1;
      return { id: "1" };
    });
    const client = await joined();
    const bad = client.request("say", { text: 5 });
    const good = client.request("say", { text: "x" });
    await world.settle();
    expect(await bad).toMatchObject({
      code: "invalid",
      message: "say.data is not valid at text: text must be a string",
      data: { issues: [{ message: "text must be a string", path: ["text"] }] },
    });
    expect(await good).toMatchObject({ data: { id: "1" } });
    expect([calls, errors]).toEqual([1, []]);
  });

  test("a bad event is told to `onRefused`, and is no crash", async () => {
    const { hub, joined, world } = setup({ contract: chat });
    const refused: unknown[] = [];
    hub.on("typing", () => {});
    hub.onRefused((_peer, { code }) => refused.push(code));
    const client = await joined();
    client.emit("typing", "yes");
    client.emit("wave", "with data");
    await world.settle();
    expect(refused).toEqual(["invalid", "unknown-name"]);
  });

  test("names outside of the contract are unknown, also when an event is asked as a request", async () => {
    const { joined, world, hub } = setup({ contract: chat });
    hub.on("typing", () => {});
    const client = await joined();
    for (const name of ["typing", "said", "__proto__", "constructor"]) {
      const answer = client.request(name, true);
      await world.settle();
      expect(await answer).toMatchObject({ code: "unknown-name" });
    }
  });

  test("the handler gets the schema's output, the wire carries its input", async () => {
    const { hub, joined, world } = setup({ contract: chat });
    let got: unknown;
    hub.handle("count", (_peer, data) => {
      got = data;
      return String(data + 1);
    });
    const client = await joined();
    const answer = client.request("count", "41");
    await world.settle();
    expect(got).toBe(41);
    expect(await answer).toMatchObject({ data: "42" });
  });

  test("asynchronous schemas work for what comes in", async () => {
    const { hub, joined, world } = setup({ contract: chat });
    hub.handle("slowly", async (_peer, data) => data);
    const client = await joined();
    const [right, wrong] = [client.request("slowly", "right"), client.request("slowly", "wrong")];
    await world.settle();
    expect(await right).toMatchObject({ data: "right" });
    expect(await wrong).toMatchObject({ code: "invalid" });
  });

  test("a reply that breaks the contract is the program's fault: `internal`, and the hook", async () => {
    const { hub, joined, world, errors } = setup({ contract: chat });
    hub.handle("say", () => ({}) as { id: string });
    const client = await joined();
    const answer = client.request("say", { text: "x" });
    await world.settle();
    expect(await answer).toMatchObject({ code: "internal" });
    expect(String(errors[0])).toContain("The reply to say breaks the contract");
  });

  test("what we send is checked at once, and nothing leaves", async () => {
    const { hub, joined, world } = setup({ contract: chat });
    const client = await joined();
    const peer = [...hub.peers()][0]!;
    expect(() => peer.emit("said", { text: 1 } as unknown as Text)).toThrow(
      /said\.data is not valid/,
    );
    expect(() => hub.emit("nothing" as "said", { text: "" })).toThrow(/no event "nothing"/);
    await expect(peer.request("ask", {} as Text)).rejects.toMatchObject({ code: "invalid" });
    expect(() => peer.openStream("tokens", {} as Text)).toThrow(/tokens\.data/);
    await world.settle();
    expect(client.session.received).toBe(0);
  });

  test("a client's reply is checked as well", async () => {
    const { hub, joined, world } = setup({ contract: chat });
    const client = await joined();
    client.onRequest = ({ id }) => ({ type: "reply", id, data: "not a number" });
    const peer = hub.peer(client.session.id ?? "")!;
    const asked = expect(peer.request("ask", { text: "?" })).rejects.toMatchObject({
      code: "invalid",
    });
    await world.settle();
    await asked;
  });

  test("registering what the contract has not, or a reserved name, throws", () => {
    const hub = new Hub({ contract: chat });
    expect(() => hub.handle("said" as "say", () => ({ id: "" }))).toThrow(/no request "said"/);
    expect(() => hub.on("nothing" as "typing", () => {})).toThrow(/no event "nothing"/);
    expect(() => new Hub({ contract: defineContract({ client: { connect: {} } }) })).toThrow(
      /reserved|hub's own/,
    );
  });
});

test("types: names, data and replies follow from the contract", () => {
  const hub = new Hub({ contract: chat }).authenticate(async () => ({
    user: "ann",
    data: { name: "Ann" },
  }));
  hub.handle("say", (peer, data) => {
    expectTypeOf(data).toEqualTypeOf<Text>();
    expectTypeOf(peer.data).toEqualTypeOf<{ name: string }>();
    return { id: data.text };
  });
  hub.handle("count", (_peer, data) => {
    expectTypeOf(data).toEqualTypeOf<number>();
    return "1";
  });
  hub.on("typing", (peer, data) => {
    expectTypeOf(data).toEqualTypeOf<boolean>();
    peer.emit("said", { text: "x" });
    peer.emit("bell");
    expectTypeOf(peer.request("ask", { text: "" })).resolves.toEqualTypeOf<number>();
  });
  hub.on("wave", (_peer, data) => expectTypeOf(data).toEqualTypeOf<undefined>());
  hub.on("connect", (peer) => expectTypeOf(peer.data.name).toEqualTypeOf<string>());
  hub.onStream("tokens", async (_peer, stream, data) => {
    expectTypeOf(data).toEqualTypeOf<Text>();
    for await (const item of stream) expectTypeOf(item).toEqualTypeOf<number>();
    await stream.send({ text: "x" });
  });
  const wrong = (): void => {
    // @ts-expect-error a request has no `on`
    hub.on("say", () => {});
    // @ts-expect-error an event has no `handle`
    hub.handle("typing", () => {});
    // @ts-expect-error the reply needs an id
    hub.handle("say", () => ({}));
    // @ts-expect-error the server does not say "say"
    hub.emit("say", { text: "x" });
    // @ts-expect-error the data is missing
    hub.emit("said");
    // @ts-expect-error the data is wrong
    hub.to("lobby").emit("said", { text: 1 });
  };
  expect(wrong).toBeTypeOf("function");

  const open = new Hub();
  const anything = (): void => {
    open.on("whatever", (_peer, data) => expectTypeOf(data).toEqualTypeOf<unknown>());
    open.handle("whatever", () => 1);
    open.emit("whatever");
    open.emit("whatever", { any: "data" });
  };
  expect(anything).toBeTypeOf("function");
});

test("a part that is no schema is refused when the hub is made, by its place", () => {
  const wrong: [contract: object, message: string][] = [
    [{ client: { say: { data: {} } } }, "contract.client.say.data is no schema"],
    [{ server: { said: { reply: "string" } } }, "contract.server.said.reply is no schema"],
    [{ streams: { pipe: { up: null } } }, "contract.streams.pipe.up is no schema"],
  ];
  for (const [contract, message] of wrong) {
    expect(() => new Hub({ contract: contract as never })).toThrow(message);
  }
  expect(() => new Hub({ contract: { client: { ping: {} } } })).not.toThrow();
});

test("a part that does not exist is refused: with a misspelt one nothing would be checked", () => {
  const wrong: [contract: object, message: string][] = [
    [{ clients: {} }, 'contract has no part "clients"; it has client, server, streams.'],
    [{ client: { say: { replay: {} } } }, 'contract.client.say has no part "replay"; it has data,'],
    [
      { streams: { pipe: { input: {} } } },
      'contract.streams.pipe has no part "input"; it has data,',
    ],
  ];
  for (const [contract, message] of wrong) {
    expect(() => new Hub({ contract: contract as never })).toThrow(message);
  }
});
