/**
 * Many sockets over real connections, messages of all sizes, broadcast and unicast mixed, receivers
 * that pause at random: every receiver sees every byte of its messages, in order.
 */
import { createHash } from "node:crypto";
import { connect, type ServerWebSocket, WebSocketServer } from "@tidewire/websocket";
import { expect, onTestFinished, test } from "vitest";
import { until } from "../support/pairs.js";

const SOCKETS = 12;
const STEPS = 250;

/** Choices that a seed repeats: a Weyl sequence with a multiplicative finish. */
class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  below(count: number): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    const mixed = Math.imul(this.#state ^ (this.#state >>> 16), 0x85ebca6b);
    return ((mixed ^ (mixed >>> 13)) >>> 0) % count;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }
}

/** A digest of the messages in their order. */
class Journal {
  count = 0;
  readonly #hash = createHash("sha1");

  add(data: string | Uint8Array): void {
    this.count++;
    this.#hash.update(`${typeof data} ${Buffer.byteLength(data)} `);
    this.#hash.update(data);
  }

  digest(): string {
    return this.#hash.copy().digest("hex");
  }
}

function createMessage(random: Random, step: number): string | Uint8Array {
  const sizes = [3, 40, 125, 700, 3000, 9000, 16_370, 30_000, 90_000];
  const size = 1 + random.below(sizes[random.below(sizes.length)]!);
  if (random.chance(50)) return Buffer.alloc(size, random.below(256));
  return `${step}·`.repeat(Math.ceil(size / 4));
}

/** Stops reading now and then, for a few turns. */
function pauseSometimes(random: Random, socket: { pause(): void; resume(): void }): void {
  if (!random.chance(5)) return;
  socket.pause();
  let turns = 1 + random.below(20);
  const wait = (): void => {
    if (--turns > 0) setImmediate(wait);
    else socket.resume();
  };
  setImmediate(wait);
}

test.each([
  [1, false],
  [2, false],
  [3, true],
])("seed %d, permessage-deflate %s", async (seed, perMessageDeflate) => {
  const random = new Random(seed);
  // Not of the same sequence, since nobody knows when messages arrive.
  const pauses = new Random(seed);
  const server = new WebSocketServer<{ down: Journal; up: Journal }>({
    perMessageDeflate,
    authenticate: () => ({ down: new Journal(), up: new Journal() }),
    handlers: {
      message: (socket, data) => {
        socket.data.up.add(data);
        pauseSometimes(pauses, socket);
      },
    },
  });
  onTestFinished(() => server.close({ timeoutMs: 0 }));
  const { url } = await server.listen({ host: "127.0.0.1" });
  const ends: {
    socket: ServerWebSocket<{ down: Journal; up: Journal }>;
    client: Awaited<ReturnType<typeof connect>>;
    down: Journal;
    up: Journal;
  }[] = [];
  for (let index = 0; index < SOCKETS; index++) {
    const down = new Journal();
    const client = await connect(url, {
      // A message of some size is compressed for some of them only.
      perMessageDeflate: index % 2 === 0,
      handlers: {
        message: (self, data) => {
          down.add(data);
          pauseSometimes(pauses, self);
        },
      },
    });
    onTestFinished(() => client.terminate());
    ends.push({ socket: [...server.connections].at(-1)!, client, down, up: new Journal() });
  }

  const send = (socket: ServerWebSocket<{ down: Journal; up: Journal }>, message: string): void => {
    socket.send(message);
    socket.data.down.add(message);
  };

  for (let step = 0; step < STEPS; step++) {
    if (random.chance(10)) {
      // So much for one of them that it is written before the turn is over.
      const busy = ends[random.below(2)]!.socket;
      for (let sent = 0; sent < 70; sent++) send(busy, `${step}`.repeat(900 / `${step}`.length));
      const text = `to all, ${step}`.repeat(400);
      server.broadcast(text, { compress: random.chance(50) });
      for (const { socket } of ends) socket.data.down.add(text);
      for (const { socket } of ends) send(socket, "a word for you");
    }
    for (let burst = random.below(8); burst > 0; burst--) {
      const message = createMessage(random, step);
      const { socket, client, up } = ends[random.below(SOCKETS)]!;
      const kind = random.below(4);
      if (kind === 0) {
        const { sent } = server.broadcast(message, { except: socket });
        expect(sent).toBe(SOCKETS - 1);
        for (const other of server.connections) {
          if (other !== socket) other.data.down.add(message);
        }
      } else if (kind === 1) {
        void socket.send(message);
        socket.data.down.add(message);
      } else {
        client.send(message);
        up.add(message);
        // The client's own small bytes are its own again when `send` has returned.
        if (typeof message !== "string" && message.length <= 4096) message.fill(0);
      }
    }
    if (random.chance(50)) await new Promise((resolve) => setImmediate(resolve));
  }

  for (const { socket, client, down, up } of ends) {
    await until(() => down.count >= socket.data.down.count && socket.data.up.count >= up.count);
    expect(client.failure).toBeUndefined();
    expect(down.digest()).toBe(socket.data.down.digest());
    expect(socket.data.up.digest()).toBe(up.digest());
  }
});
