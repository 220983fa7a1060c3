// A thousand sessions in one room over real sockets, a hundred of which are slow or stuck. The others
// notice nothing, the hub's process stays within its budget, and the stuck end as the policy says.

import type { Socket } from "node:net";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type Client, connect, type TransportName } from "../../src/node.js";
import { buildProgram, removePrograms } from "./support/build.js";
import type { HubReport } from "./support/orders.js";
import { Program } from "./support/program.js";
import { roomyLimits } from "./support/site.js";
import { openStuck } from "./support/stuck-client.js";

// More than two rounds: on a busy machine a quick member's acknowledgement of one round may come with
// the next. The stuck, who acknowledge nothing, exceed it in the third.
const logBytes = 300_000;
const messages = 400;
const rounds = 4;
const text = "x".repeat(1_000);
/**
 * What the stuck may cost: their logs, and as much as a link may hold. The others' logs share the
 * entries, whose texts are there once. Twice as much again for what the collector has not come round
 * to. A copy for each member would be 400 MB.
 */
const grownMax = 3 * (100 * (200_000 + 65_536) + 900 * 16_384);

interface Member {
  readonly client: Client;
  readonly got: number[];
}

let program: string;
beforeAll(async () => {
  program = await buildProgram("hub-program");
});
afterAll(removePrograms);

for (const slow of ["end", "gap"] as const) {
  test(`1,000 sessions, 100 slow or stuck, policy ${slow}`, { timeout: 60_000 }, async () => {
    const limits = {
      ...roomyLimits,
      logBytes,
      waitingLinksPerAddress: 2_000,
      hellosBurst: 2_000,
      hellosPerSecond: 2_000,
    };
    const hub = new Program<HubReport>(program, { limits, slow });
    const { port } = await hub.report("listening");
    const members: Member[] = [];
    const stuck: Socket[] = [];
    onTestFinished(() => {
      for (const { client } of members) client.close();
      for (const socket of stuck) socket.destroy();
    });
    // In groups: a thousand handshakes at once are more than a listening socket's queue.
    const open = async (count: number, make: () => Promise<unknown>): Promise<void> => {
      for (let done = 0; done < count; done += 100) {
        await Promise.all(Array.from({ length: Math.min(100, count - done) }, make));
      }
    };
    const join = async (transport: TransportName): Promise<void> => {
      const member = openMember(port, transport);
      members.push(member);
      await member.client.ready();
    };
    await open(860, () => join("websocket"));
    await open(20, () => join("sse"));
    await open(20, () => join("long-polling"));
    const leave = async (transport: "websocket" | "sse" | "long-polling"): Promise<void> => {
      stuck.push(await openStuck(port, transport));
    };
    await open(80, () => leave("websocket"));
    await open(10, () => leave("sse"));
    await open(10, () => leave("long-polling"));
    expect(await statsOf(hub)).toMatchObject({ sessions: 1_000, memberships: 1_000 });

    for (let round = 0; round < rounds; round += 1) {
      const to = ((round + 1) * messages) / rounds;
      hub.order({ type: "say", from: (round * messages) / rounds, to, text });
      await Promise.all(members.map((member) => arrived(member, to)));
      // A slow reader takes a little between the rounds, and no more.
      for (const socket of stuck.slice(0, 20)) socket.read(1_024);
    }

    const all = Array.from({ length: messages }, (_, number) => number);
    for (const { got } of members) expect(got).toEqual(all);
    hub.order({ type: "stats" });
    const { stats, memory } = await hub.report("stats");
    expect((stats as { retainedBytes: number }).retainedBytes).toBeLessThanOrEqual(
      100 * logBytes + 900 * 100 * (text.length + 100),
    );
    if (process.env["TIDEWIRE_PRINT"] === "1") console.log(slow, memory, stats);
    expect(memory.peak - memory.start).toBeLessThan(grownMax);
    const ended = hub.reports.flatMap((report) => (report.type === "ended" ? [report.code] : []));
    if (slow === "end") {
      expect(stats).toMatchObject({ sessions: 900, linked: 900 });
      expect(ended).toEqual(Array.from({ length: 100 }, () => 4007));
    } else {
      // What was written may be forgotten before it is acknowledged (§7.5): links whose buffers in the
      // kernel took all of it live until their heartbeat. The next welcome of each says gap.
      expect(stats).toMatchObject({ sessions: 1_000, memberships: 1_000 });
      expect((stats as { linked: number }).linked).toBeGreaterThanOrEqual(900);
      expect(ended).toEqual([]);
    }
    expect(hub.reports.filter(({ type }) => type === "error")).toEqual([]);
  });
}

function openMember(port: number, transport: TransportName): Member {
  const client = connect(`http://127.0.0.1:${port}/tidewire`, { transports: [transport] });
  const got: number[] = [];
  client.on("said", (said) => got.push((said as { number: number }).number));
  return { client, got };
}

/** Resolves when a member has heard so many messages. */
function arrived({ client, got }: Member, count: number): Promise<void> {
  if (got.length >= count) return Promise.resolve();
  return new Promise((resolve) => {
    const off = client.on("said", () => {
      if (got.length < count) return;
      off();
      resolve();
    });
  });
}

async function statsOf(hub: Program<HubReport>): Promise<object> {
  hub.order({ type: "stats" });
  return (await hub.report("stats")).stats;
}
