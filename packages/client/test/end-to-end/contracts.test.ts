// One contract, written with the schema libraries that people use: its types and its checks on both ends.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Contract, Hub } from "@tidewire/hub";
import { attach } from "@tidewire/hub/node";
import * as v from "valibot";
import { describe, expect, expectTypeOf, onTestFinished, test } from "vitest";
import * as z from "zod";
import { type Client, ClientError, connect, defineContract } from "../../src/node.js";

const withZod = defineContract({
  client: {
    say: {
      data: z.object({
        text: z.string().max(20),
        at: z.string().transform((iso) => new Date(iso)),
      }),
      reply: z.object({ id: z.number().int() }),
    },
    typing: { data: z.boolean() },
  },
  server: {
    said: { data: z.object({ text: z.string(), tags: z.array(z.string()).default([]) }) },
    whereAreYou: { data: z.object({ precise: z.boolean() }), reply: z.string().min(1) },
  },
  streams: { count: { data: z.number(), up: z.number().int(), down: z.string() } },
});

const withValibot = defineContract({
  client: {
    say: {
      data: v.object({
        text: v.pipe(v.string(), v.maxLength(20)),
        at: v.pipe(
          v.string(),
          v.transform((iso) => new Date(iso)),
        ),
      }),
      reply: v.object({ id: v.pipe(v.number(), v.integer()) }),
    },
    typing: { data: v.boolean() },
  },
  server: {
    said: { data: v.object({ text: v.string(), tags: v.optional(v.array(v.string()), []) }) },
    whereAreYou: {
      data: v.object({ precise: v.boolean() }),
      reply: v.pipe(v.string(), v.minLength(1)),
    },
  },
  streams: { count: { data: v.number(), up: v.pipe(v.number(), v.integer()), down: v.string() } },
});

interface Sent {
  text: string;
  at: string;
}
interface Received {
  text: string;
  at: Date;
}
interface Said {
  text: string;
  tags: string[];
}

test("types of a Zod contract: inputs where one sends, outputs where one receives", () => {
  const use = (hub: Hub<typeof withZod>, client: Client<typeof withZod>): void => {
    hub.handle("say", (_, data) => {
      expectTypeOf(data).toEqualTypeOf<Received>();
      return { id: 1 };
    });
    hub.emit("said", { text: "tags have a default" });
    client.on("said", (data) => expectTypeOf(data).toEqualTypeOf<Said>());
    client.handle("whereAreYou", ({ precise }) => {
      expectTypeOf(precise).toEqualTypeOf<boolean>();
      return "here";
    });
    expectTypeOf(client.request<"say">)
      .parameter(1)
      .toEqualTypeOf<Sent>();
    expectTypeOf(client.request("say", { text: "", at: "" })).resolves.toEqualTypeOf<{
      id: number;
    }>();
    // @ts-expect-error the reply needs an id
    hub.handle("say", () => ({}));
    // @ts-expect-error at crosses the wire as text
    client.request("say", { text: "", at: new Date() });
    // @ts-expect-error nobody knows that name
    client.emit("unknown", 1);
    // @ts-expect-error a request is not an event
    client.emit("say", { text: "", at: "" });
  };
  expect(use).toBeTypeOf("function");
});

test("types of a Valibot contract: the same", () => {
  const use = (hub: Hub<typeof withValibot>, client: Client<typeof withValibot>): void => {
    hub.handle("say", (_, data) => {
      expectTypeOf(data).toEqualTypeOf<Received>();
      return { id: 1 };
    });
    hub.emit("said", { text: "tags have a default" });
    client.on("said", (data) => expectTypeOf(data).toEqualTypeOf<Said>());
    expectTypeOf(client.request<"say">)
      .parameter(1)
      .toEqualTypeOf<Sent>();
    // @ts-expect-error the reply needs an id
    hub.handle("say", () => ({}));
    // @ts-expect-error at crosses the wire as text
    client.request("say", { text: "", at: new Date() });
  };
  expect(use).toBeTypeOf("function");
});

describe.each([
  ["Zod", withZod],
  // The names and the data are the same; only the library differs.
  ["Valibot", withValibot as unknown as typeof withZod],
] as const)("a contract of %s", (_, contract) => {
  test("both ends get what the schema makes of the data", async () => {
    const { hub, client } = await joined(contract, contract);
    const heard: unknown[] = [];
    hub.handle("say", (peer, data) => {
      heard.push(data);
      peer.emit("said", { text: data.text });
      return { id: 7 };
    });
    const said = client.once("said");
    const at = "2026-01-02T03:04:05.000Z";
    await expect(client.request("say", { text: "hi", at })).resolves.toEqual({ id: 7 });
    expect(heard).toEqual([{ text: "hi", at: new Date(at) }]);
    await expect(said).resolves.toEqual({ text: "hi", tags: [] });
  });

  test("what does not fit is refused where it is said, as a typed error, before it leaves", async () => {
    const { hub, client } = await joined(contract, contract);
    let calls = 0;
    hub.handle("say", () => {
      calls += 1;
      return { id: calls };
    });
    const tooLong = { text: "x".repeat(21), at: "" };
    const error = await client.request("say", tooLong).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ClientError);
    expect(error).toMatchObject({ code: "invalid", message: expect.stringContaining("text: ") });
    expect(() => client.emit("typing", "yes" as unknown as boolean)).toThrow(
      expect.objectContaining({ code: "invalid" }),
    );
    expect(calls).toBe(0);
    const wrong = { text: 1 } as unknown as { text: string };
    expect(() => hub.emit("said", wrong)).toThrow(expect.objectContaining({ code: "invalid" }));
  });

  test("a client without the schemas is refused by the hub, with the place of each issue", async () => {
    const { hub, client } = await joined(contract, undefined);
    let calls = 0;
    hub.handle("say", () => {
      calls += 1;
      return { id: calls };
    });
    const refused = new Promise((resolve) => hub.onRefused((_peer, refusal) => resolve(refusal)));
    const error = await client.request("say", { text: 5, at: "x" }).catch((reason) => reason);
    expect(error).toBeInstanceOf(ClientError);
    expect(error).toMatchObject({
      code: "invalid",
      data: { issues: [{ path: ["text"], message: expect.any(String) }] },
    });
    client.emit("typing", "yes");
    await expect(refused).resolves.toMatchObject({ name: expect.any(String) });
    await expect(client.request("unknown", 1)).rejects.toMatchObject({ code: "unknown-name" });
    expect(calls).toBe(0);
    // Nothing of it ends the session.
    await expect(client.request("say", { text: "ok", at: "2026" })).resolves.toEqual({ id: 1 });
  });

  test("a hub that breaks the contract: its handler is to blame, and the client says what it heard", async () => {
    const { hub, client, errors } = await joined(contract, contract);
    hub.handle("say", () => ({ id: "no number" }) as unknown as { id: number });
    const answer = client.request("say", { text: "hi", at: "2026" });
    await expect(answer).rejects.toMatchObject({ code: "internal" });
    expect(errors).toMatchObject([{ cause: { code: "invalid" } }]);

    const foreign = await joined(undefined, contract);
    const reported = new Promise((resolve) => foreign.client.watch("error", resolve));
    foreign.hub.emit("said", { text: 9 });
    await expect(reported).resolves.toMatchObject({ name: "ClientError", code: "invalid" });
    foreign.hub.handle("say", () => ({ id: 0.5 }));
    const reply = foreign.client.request("say", { text: "hi", at: "2026" });
    await expect(reply).rejects.toMatchObject({ code: "invalid" });
  });

  test("requests of the hub and streams are held to it as well", async () => {
    const { hub, client } = await joined(contract, contract);
    const peer = hub.peer(client.session!)!;
    client.handle("whereAreYou", ({ precise }) => (precise ? "here" : ""));
    await expect(peer.request("whereAreYou", { precise: true })).resolves.toBe("here");
    await expect(peer.request("whereAreYou", { precise: false })).rejects.toMatchObject({
      name: "FailureError",
    });
    hub.onStream("count", async (_peer, stream, from) => {
      for await (const step of stream) await stream.send(String(from + step));
    });
    const stream = client.stream("count", 10);
    await stream.write(1);
    const answers: string[] = [];
    for await (const item of stream) {
      answers.push(item);
      stream.end();
    }
    expect(answers).toEqual(["11"]);
    expect(() => client.stream("count", "ten" as unknown as number)).toThrow(
      expect.objectContaining({ code: "invalid" }),
    );
  });
});

/** A hub and a client of it, each with its contract or with none. */
async function joined<H extends Contract | undefined, C extends Contract | undefined>(
  ofHub: H,
  ofClient: C,
): Promise<{
  hub: H extends Contract ? Hub<H> : Hub;
  client: C extends Contract ? Client<C> : Client;
  errors: unknown[];
}> {
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  const hub = ofHub === undefined ? new Hub({ onError }) : new Hub({ contract: ofHub, onError });
  const server = createServer();
  const attached = attach(hub as Hub, server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tidewire`;
  const client = ofClient === undefined ? connect(url) : connect(url, { contract: ofClient });
  onTestFinished(async () => {
    client.close();
    await hub.close();
    await attached.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  await client.ready();
  type Joined = Awaited<ReturnType<typeof joined<H, C>>>;
  return { hub, client, errors } as unknown as Joined;
}
