// §10.4: the answer to a POST brings home what it caused, beside polls and beside open responses.

import { setImmediate as turn } from "node:timers/promises";
import type { Batch, Packet } from "@tidewire/session-protocol";
import { describe, expect, it } from "vitest";
import {
  type Answered,
  batchFor,
  hello,
  lines,
  openLink,
  post,
  type Served,
  serve,
  welcomeOf,
} from "./served.js";

type Welcome = Extract<Packet, { type: "welcome" }>;

class Client {
  readonly welcome: Welcome;
  readonly #base: string;

  constructor(base: string, welcome: Welcome) {
    this.#base = base;
    this.welcome = welcome;
  }

  static async open({ base }: Served): Promise<Client> {
    const { packets } = await post(`${base}/poll`, lines(hello));
    return new Client(base, packets[0] as Welcome);
  }

  /** Answers once the hub has parked it. */
  async park(received: number): Promise<{ readonly answer: Promise<Answered> }> {
    const poll = { answer: this.#ask("poll", { received }) };
    // A POST that is answered shows that the poll before it was taken.
    await this.#ask("send", {});
    return poll;
  }

  async poll(received: number): Promise<Packet[]> {
    return (await this.#ask("poll", { received, waitMs: 0 })).packets;
  }

  async send(more: Partial<Batch>, ...packets: readonly Packet[]): Promise<Packet[]> {
    return (await this.#ask("send", more, packets)).packets;
  }

  #ask(path: string, more: Partial<Batch>, packets: readonly Packet[] = []): Promise<Answered> {
    return post(`${this.#base}/${path}`, lines(batchFor(this.welcome, more), ...packets));
  }
}

const ask = (id: number, name = "ask"): Packet => ({ type: "request", id, name, data: id });
const reply = (id: number): Packet => ({ type: "reply", id, data: id });
const ack = (count: number): Packet => ({ type: "ack", count });
const said = { type: "event", name: "said", data: "x" } as const;

async function served(options: Parameters<typeof serve>[1] = {}): Promise<Served> {
  const all = await serve({}, options);
  all.hub.handle("ask", (_, data) => data);
  return all;
}

describe("§10.4 the answer to a POST that names received", () => {
  it("brings replies, and the poll that waits goes on waiting", async () => {
    const all = await served();
    const client = await Client.open(all);
    const { answer } = await client.park(0);
    for (const id of [0, 1, 2]) {
      const packets = await client.send({ position: id, received: id }, ask(id));
      expect(packets).toEqual([ack(id + 1), reply(id)]);
    }
    // Its answer tells where it begins, for the poll named less.
    expect(await client.send({ received: 3 })).toEqual([ack(3)]);
    all.hub.emit("said", "x");
    expect((await answer).packets).toEqual([{ ...ack(3), position: 3 }, said]);
    expect(await client.poll(4)).toEqual([]);
  });

  it("brings what a handler answers after it awaited what was there", async () => {
    const all = await served();
    all.hub.handle("soon", async (_, data) => await Promise.resolve(data));
    const client = await Client.open(all);
    const packets = await client.send({ position: 0, received: 0 }, ask(7, "soon"));
    expect(packets).toEqual([ack(1), reply(7)]);
  });

  it("does not wait for a handler that takes longer: the poll brings its reply", async () => {
    const all = await served();
    all.hub.handle("later", async (_, data) => {
      await turn();
      return data;
    });
    const client = await Client.open(all);
    const { answer } = await client.park(0);
    const packets = await client.send({ position: 0, received: 0 }, ask(7, "later"));
    expect(packets).toEqual([ack(1)]);
    expect((await answer).packets).toEqual([reply(7)]);
  });

  it("needs no poll that waits, as between two short polls", async () => {
    const client = await Client.open(await served());
    expect(await client.send({ position: 0, received: 0 }, ask(1))).toEqual([ack(1), reply(1)]);
    expect(await client.poll(1)).toEqual([]);
  });

  it("is a count alone where the batch does not name it", async () => {
    const client = await Client.open(await served());
    const { answer } = await client.park(0);
    expect(await client.send({ position: 0 }, ask(1))).toEqual([ack(1)]);
    expect((await answer).packets).toEqual([reply(1)]);
  });

  it("brings nothing while another answer is on its way, so that the two cannot race", async () => {
    const all = await served();
    const client = await Client.open(all);
    all.hub.emit("said", "x");
    expect(await client.poll(0)).toEqual([said]);
    // The client has not read that yet.
    expect(await client.send({ position: 0, received: 0 }, ask(1))).toEqual([ack(1)]);
    expect(await client.poll(1)).toEqual([reply(1)]);
  });

  it("was lost: the POST comes again, and the poll that waits brings it", async () => {
    const client = await Client.open(await served());
    const { answer } = await client.park(0);
    await client.send({ position: 0, received: 0 }, ask(1));
    expect(await client.send({ position: 0, received: 0 }, ask(1))).toEqual([ack(1)]);
    expect((await answer).packets).toEqual([{ ...ack(1), position: 0 }, reply(1)]);
  });

  it("was lost: an event brings it again, as the poll begins with what is not acknowledged", async () => {
    const all = await served();
    const client = await Client.open(all);
    const { answer } = await client.park(0);
    await client.send({ position: 0, received: 0 }, ask(1));
    all.hub.emit("said", "x");
    expect((await answer).packets).toEqual([{ ...ack(1), position: 0 }, reply(1), said]);
  });

  it("holds no more than the answer to a poll: the next one brings the rest", async () => {
    const client = await Client.open(await served({ limits: { pollPackets: 2 } }));
    const { answer } = await client.park(0);
    const packets = await client.send({ position: 0, received: 0 }, ask(1), ask(2), ask(3));
    expect(packets).toEqual([ack(3), reply(1), reply(2)]);
    const more = (await answer).packets;
    expect(more.slice(0, 2)).toEqual([{ ...ack(3), position: 0 }, reply(1)]);
    expect(await client.poll(2)).toEqual([reply(3)]);
  });

  it("is the bye of a link that a packet of it ended, and the poll that waits hears it too", async () => {
    const all = await served();
    const client = await Client.open(all);
    const { answer } = await client.park(0);
    const bye = { type: "bye", code: 4400 };
    const renew: Packet = { type: "renew" };
    const packets = await client.send({ position: 0, received: 0 }, ask(1), renew, ask(2));
    expect(packets).toMatchObject([bye]);
    expect((await answer).packets).toMatchObject([bye]);
    expect(all.hub.stats().sessions).toBe(0);
  });

  it("is the bye of a link that ends while its handler works", async () => {
    const all = await served();
    all.hub.handle("leave", async (peer) => {
      await Promise.resolve();
      peer.disconnect();
    });
    const client = await Client.open(all);
    const packets = await client.send({ position: 0, received: 0 }, ask(1, "leave"));
    expect(packets).toMatchObject([{ type: "bye", code: 4006 }]);
  });

  it("with a count that cannot be true ends the session", async () => {
    const client = await Client.open(await served());
    expect(await client.send({ received: 9 })).toMatchObject([{ type: "bye", code: 4400 }]);
  });
});

describe.each(["sse", "stream"] as const)("§10.4 beside an open response of /%s", (kind) => {
  async function opened(all: Served) {
    const link = await openLink(all.base, kind);
    const client = new Client(all.base, await welcomeOf(link));
    return { link, client };
  }

  it("brings replies, and the response goes on behind them", async () => {
    const all = await served();
    const { link, client } = await opened(all);
    for (const id of [0, 1, 2]) {
      const packets = await client.send({ position: id, received: id }, ask(id));
      expect(packets).toEqual([ack(id + 1), reply(id)]);
    }
    expect(await client.send({ received: 3 })).toEqual([ack(3)]);
    all.hub.emit("said", "x");
    expect(await link.next()).toEqual({ ...ack(3), position: 3 });
    expect(await link.next()).toEqual(said);
    all.hub.emit("said", "x");
    expect(await link.next()).toEqual(said);
    if (kind === "sse") expect(link.text()).toContain("id: 5\ndata: ");
    link.abort();
  });

  it("is a count alone where the batch does not name it, or something else is on its way", async () => {
    const all = await served();
    const { link, client } = await opened(all);
    expect(await client.send({ position: 0 }, ask(1))).toEqual([ack(1)]);
    expect(await client.send({ position: 1, received: 0 }, ask(2))).toEqual([ack(2)]);
    expect([await link.next(), await link.next()]).toEqual([reply(1), reply(2)]);
    link.abort();
  });

  it("was lost: the POST comes again, and the response brings it", async () => {
    const { link, client } = await opened(await served());
    await client.send({ position: 0, received: 0 }, ask(1));
    expect(await client.send({ position: 0, received: 0 }, ask(1))).toEqual([ack(1)]);
    expect([await link.next(), await link.next()]).toEqual([{ ...ack(1), position: 0 }, reply(1)]);
    link.abort();
  });

  it("holds no more than the answer to a poll: the response brings the rest", async () => {
    const { link, client } = await opened(await served({ limits: { pollPackets: 2 } }));
    const packets = await client.send({ position: 0, received: 0 }, ask(1), ask(2), ask(3));
    expect(packets).toEqual([ack(3), reply(1), reply(2)]);
    const rest = [await link.next(), await link.next(), await link.next(), await link.next()];
    expect(rest).toEqual([{ ...ack(3), position: 0 }, reply(1), reply(2), reply(3)]);
    link.abort();
  });

  it("is the bye of a link that a packet of it ended, and the response says it too", async () => {
    const { link, client } = await opened(await served());
    const bye = { type: "bye", code: 4400 };
    const packets = await client.send({ position: 0, received: 0 }, ask(1), { type: "renew" });
    expect(packets).toMatchObject([bye]);
    expect(await link.next()).toMatchObject(bye);
    expect(await link.next()).toBeUndefined();
  });
});
