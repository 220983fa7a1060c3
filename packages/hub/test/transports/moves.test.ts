// From each transport to each other in the middle of a burst, with the real client over real sockets:
// live, because a better one opened (§10.10), and by force, because the network cut the one in use.

import { type Client, connect, type Platform, type TransportName } from "@tidewire/client/node";
import { WebSocket } from "@tidewire/websocket";
import { describe, expect, it, onTestFinished } from "vitest";
import { eventually, type Served, serve } from "./served.js";

const transports: readonly TransportName[] = [
  "websocket",
  "sse",
  "stream",
  "long-polling",
  "polling",
];
const pairs = transports.flatMap((from) =>
  transports.filter((to) => to !== from).map((to) => [from, to] as const),
);
const burst = 1_000;

/** A network whose ways can be blocked and cut, one transport at a time. */
class Network {
  #blocked: TransportName | undefined;
  #signal: (signal: "retry") => void = () => {};
  readonly #open = new Map<object, () => void>();
  /** Blocks this many openings of the transport; the two kinds of polls look the same from here. */
  #refusals = 0;

  block(name: TransportName, times: number): void {
    this.#blocked = name;
    this.#refusals = times;
  }

  /** What was blocked is free, and the platform says so. */
  clear(): void {
    this.#refusals = 0;
    this.#signal("retry");
  }

  /** Breaks everything that is open. */
  cut(): void {
    for (const end of [...this.#open.values()]) end();
  }

  #refuses(way: string): boolean {
    const blocked = this.#blocked?.endsWith("polling") ? "poll" : this.#blocked;
    if (way !== blocked || this.#refusals === 0) return false;
    this.#refusals -= 1;
    return true;
  }

  platform(): Partial<Platform> {
    const network = this;
    class CutWebSocket extends WebSocket {
      constructor(url: string, protocols: string[]) {
        super(network.#refuses("websocket") ? `${url}/blocked` : url, protocols);
        network.#open.set(this, () => this.terminate());
        this.addEventListener("close", () => network.#open.delete(this));
      }
    }
    return {
      random: () => 0.01,
      WebSocket: CutWebSocket as unknown as NonNullable<Platform["WebSocket"]>,
      fetch: async (input, init) => {
        const way = String(input).split("/").at(-1)!;
        // As a proxy would answer that knows no such place.
        if (network.#refuses(way)) return new Response("<h1>no</h1>", { status: 404 });
        const controller = new AbortController();
        init?.signal?.addEventListener("abort", () => controller.abort());
        network.#open.set(controller, () => controller.abort());
        const { signal } = controller;
        const { body, status, headers } = await fetch(input, { ...init, signal });
        // Node's fetch can lose its signal while an answer goes on; a pipe does not.
        const pipe = body?.pipeThrough(new TransformStream(), { signal });
        return new Response(pipe ?? null, { status, headers });
      },
      watch: (listener) => {
        this.#signal = listener;
        return () => {};
      },
    };
  }
}

const served = (): Promise<Served> =>
  serve({
    limits: {
      eventsPerSecond: 1_000_000,
      eventsBurst: 1_000_000,
      hellosPerSecond: 10_000,
      sessionMs: 60_000,
    },
  });

interface Talk {
  readonly client: Client;
  readonly up: unknown[];
  readonly down: unknown[];
  readonly answers: string[];
  finish(): Promise<void>;
}

/** Opens a client, and notes what arrives at either end. */
async function talk(
  { hub, base }: Served,
  network: Network,
  order: readonly TransportName[],
): Promise<Talk> {
  const client = connect(base, { transports: order, platform: network.platform() });
  onTestFinished(() => client.close());
  const down: unknown[] = [];
  const answers: string[] = [];
  const ups = upOf(hub);
  client.on("down", (data: unknown) => void down.push(data));
  client.watch("linked", ({ answer }) => answers.push(answer));
  await client.ready();
  const up = ups.get(client.session!) ?? [];
  ups.set(client.session!, up);
  return {
    client,
    up,
    down,
    answers,
    finish: () => eventually(() => up.length >= burst && down.length >= burst),
  };
}

const heard = new WeakMap<object, Map<string, unknown[]>>();

function upOf(hub: Served["hub"]): Map<string, unknown[]> {
  const known = heard.get(hub);
  if (known !== undefined) return known;
  const made = new Map<string, unknown[]>();
  heard.set(hub, made);
  hub.on("up", (peer, data) => {
    const list = made.get(peer.id) ?? [];
    made.set(peer.id, list);
    list.push(data);
  });
  return made;
}

/**
 * Sends the burst, ten each way per turn, and calls `midway` at a third of it. From then on it goes
 * slowly until `isMoved`, so that something is under way whenever that is.
 */
async function send(
  { hub }: Served,
  { client }: Talk,
  midway: () => void,
  isMoved: () => boolean = () => true,
): Promise<void> {
  const peer = hub.peer(client.session!)!;
  for (let number = 0; number < burst; number += 1) {
    if (number === 300) midway();
    while (!client.emit("up", number)) await new Promise((resolve) => setImmediate(resolve));
    peer.emit("down", number);
    if (number > 300) {
      const turns = number === burst - 50 ? Number.POSITIVE_INFINITY : 20;
      for (let turn = 0; turn < turns && !isMoved(); turn += 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    if (number % 10 === 9) await new Promise((resolve) => setImmediate(resolve));
    // No burst is over before the move: what is sent must be there in the middle of it.
    while (client.queued > 500) await new Promise((resolve) => setImmediate(resolve));
  }
}

/**
 * A client for each pair, over its first transport; `prepare` answers the order in which it tries. One
 * after the other, since an attempt that takes longer than a client waits is followed by the next, and
 * the two kinds of polls, which look the same, can be kept out of a single round only.
 */
async function openAll(
  node: Served,
  prepare: (from: TransportName, to: TransportName, network: Network) => readonly TransportName[],
): Promise<[from: TransportName, to: TransportName, network: Network, talking: Talk][]> {
  const opened: [TransportName, TransportName, Network, Talk][] = [];
  for (const [from, to] of pairs) {
    const network = new Network();
    const talking = await talk(node, network, prepare(from, to, network));
    expect(talking.client.transport, `${from} → ${to}`).toBe(from);
    opened.push([from, to, network, talking]);
  }
  return opened;
}

const areBothPolls = (...names: TransportName[]): boolean =>
  names.every((name) => name.endsWith("polling"));

const all = Array.from({ length: burst }, (_, number) => number);

describe("§10.10 nothing is lost, repeated or reordered", () => {
  it("when a better transport opens: all pairs", { timeout: 60_000 }, async () => {
    const node = await served();
    const talks = await openAll(node, (from, to, network) => {
      network.block(to, areBothPolls(from, to) ? 1 : Number.POSITIVE_INFINITY);
      return [to, from];
    });
    await Promise.all(
      talks.map(async ([from, to, network, talking]) => {
        const { client } = talking;
        const isMoved = (): boolean => client.transport === to;
        await send(node, talking, () => network.clear(), isMoved);
        await talking.finish();
        expect(talking.up, `up, ${from} → ${to}`).toEqual(all);
        expect(talking.down, `down, ${from} → ${to}`).toEqual(all);
        expect(talking.answers.slice(1), `${from} → ${to}`).toEqual(["resumed"]);
      }),
    );
    expect(node.errors).toEqual([]);
    expect(node.hub.stats().sessions).toBe(pairs.length);
  });

  it("when the transport in use is cut and blocked: all pairs", { timeout: 60_000 }, async () => {
    const node = await served();
    const talks = await openAll(node, (from, to) => [from, to]);
    await Promise.all(
      talks.map(async ([from, to, network, talking]) => {
        await send(node, talking, () => {
          network.block(from, areBothPolls(from, to) ? 1 : 1_000);
          network.cut();
        });
        await talking.finish();
        expect(talking.up, `up, ${from} → ${to}`).toEqual(all);
        expect(talking.down, `down, ${from} → ${to}`).toEqual(all);
        expect(new Set(talking.answers.slice(1)), `${from} → ${to}`).toEqual(new Set(["resumed"]));
      }),
    );
    expect(node.errors).toEqual([]);
  });
});
