// A thousand sessions in one room, a hundred of which are slow or stuck: the others get everything in
// order, and what the hub holds stays within its budgets.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createFetchHandler } from "@tidewire/hub";
import { jsonCodec, LineReader, type Packet } from "@tidewire/session-protocol";
import { WebSocket } from "@tidewire/websocket";
import { expect, it, onTestFinished } from "vitest";
import { batchFor, eventually, hello, lines, ndjson, serve } from "./served.js";

type Welcome = Extract<Packet, { type: "welcome" }>;

/** A member of the room, and what it got. */
interface Member {
  readonly got: number[];
  close(): void;
}

const round = 100;
const rounds = 3;
const text = "x".repeat(1_000);
/** 100 links with their buffers full, and as much again for what the test itself notes down. */
const grownMax = 100 * 65_536 * 2 + 900 * round * rounds * 16;

it("1,000 sessions, 100 of them slow or stuck", { timeout: 60_000 }, async () => {
  const logBytes = 200_000;
  const served = await serve({
    limits: { logBytes, waitingLinksPerAddress: 2_000, hellosBurst: 2_000, hellosPerSecond: 2_000 },
  });
  const { hub } = served;
  hub.on("connect", (peer) => void peer.join("lobby"));
  const post = createFetchHandler(hub);
  onTestFinished(() => post.close());
  const open = {
    socket: () => socketMember(served.base),
    stream: () => streamMember(post, "reads"),
    slow: () => streamMember(post, "slow"),
    stuck: () => streamMember(post, "stuck"),
  };
  const many = (count: number, make: () => Promise<Member>): Promise<Member[]> =>
    Promise.all(Array.from({ length: count }, make));
  const good = [...(await many(450, open.socket)), ...(await many(450, open.stream))];
  const bad = [...(await many(50, open.slow)), ...(await many(50, open.stuck))];
  await eventually(() => hub.stats().memberships === 1_000);

  const before = bytesInUse();
  for (let current = 0; current < rounds; current += 1) {
    for (let index = 0; index < round; index += 1) {
      hub.to("lobby").emit("said", { number: current * round + index, text });
      if (index % 10 === 9) await new Promise((resolve) => setImmediate(resolve));
    }
    // The good ones keep pace with the hub, whatever the others do.
    await eventually(() => good.every(({ got }) => got.length === (current + 1) * round));
  }

  const all = Array.from({ length: round * rounds }, (_, number) => number);
  for (const { got } of good) expect(got).toEqual(all);
  for (const { got } of bad) expect(got).toEqual(all.slice(0, got.length));
  const stats = hub.stats();
  // Only those that do not read hold anything back, each within its log.
  expect(stats.retainedBytes).toBeLessThanOrEqual(100 * logBytes + 900 * 25 * (text.length + 100));
  // Entries and frames are shared, so all of it together costs less than a copy for each.
  expect(bytesInUse() - before).toBeLessThan(grownMax);
  expect(stats.sessions).toBe(1_000);
  // The stuck were told 4004 when their log was full; their sessions wait for another link.
  expect(stats.linked).toBeLessThan(1_000);
  expect(stats.linked).toBeGreaterThanOrEqual(900);
  expect(served.errors).toEqual([]);
  for (const member of [...good, ...bad]) member.close();
});

/** Bytes in use, after everything that can be freed was freed. */
function bytesInUse(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function numberOf(packet: Packet): number | undefined {
  if (packet.type !== "event" || packet.name !== "said") return undefined;
  return (packet.data as { number: number }).number;
}

async function socketMember(base: string): Promise<Member> {
  const socket = new WebSocket(base.replace("http", "ws"), "tidewire.v1.json");
  const got: number[] = [];
  let count = 0;
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("error", reject);
    socket.addEventListener("open", () => void socket.send(JSON.stringify(hello)));
    socket.addEventListener("message", ({ data }) => {
      const packet = jsonCodec.decode(String(data)) as Packet;
      if (packet.type === "welcome") resolve();
      if (packet.type === "ping") void socket.send(JSON.stringify({ type: "pong", id: packet.id }));
      const number = numberOf(packet);
      if (number === undefined) return;
      got.push(number);
      count += 1;
      if (count % 25 === 0) void socket.send(JSON.stringify({ type: "ack", count }));
    });
  });
  return { got, close: () => socket.terminate() };
}

async function streamMember(
  post: ReturnType<typeof createFetchHandler>,
  manner: "reads" | "slow" | "stuck",
): Promise<Member> {
  const ask = (path: string, body: string): Promise<Response> =>
    post(
      new Request(`http://127.0.0.1/tidewire/${path}`, {
        method: "POST",
        body,
        headers: { "content-type": ndjson },
      }),
      { address: "127.0.0.1" },
    );
  const response = await ask("stream", lines(hello));
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const got: number[] = [];
  const parser = new LineReader(1_000_000);
  let welcome: Welcome | undefined;
  let count = 0;
  const take = (line: string): void => {
    const packet = jsonCodec.decode(line) as Packet;
    if (packet.type === "welcome") welcome = packet;
    const number = numberOf(packet);
    if (number === undefined) return;
    got.push(number);
    count += 1;
    // A slow reader's words come as seldom as its reads.
    if (count % 25 === 0) void ask("send", lines(batchFor(welcome!), { type: "ack", count }));
  };
  const read = async (): Promise<boolean> => {
    const { done, value } = await reader.read();
    if (!done) parser.push(value, take);
    return !done;
  };
  while (welcome === undefined && (await read()));
  const run = async (): Promise<void> => {
    while (manner !== "stuck" && (await read())) {
      for (let turn = 0; manner === "slow" && turn < 3; turn += 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  };
  run().catch(() => {});
  return { got, close: () => void reader.cancel().catch(() => {}) };
}
