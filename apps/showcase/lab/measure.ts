// Measures one transport at one task: an idle server first, then the same server at work.
import { setTimeout as delay } from "node:timers/promises";
import { connect } from "@tidewire/client/node";
import { serverNow } from "../server/pages/lab/lab-links.js";
import type { LabSettings, LabTransport } from "../shared/lab/contract.js";
import { LabLink } from "../shared/lab/lab-link.js";
import { lineUrl } from "../shared/lab/lab-path.js";
import { type LabRow, makeRow } from "../shared/lab/lab-row.js";
import type { Sample } from "./messages.js";
import { ServerProcess } from "./server-process.js";

/** A process that was just started is busy with itself. */
const settleMs = 300;
const idleMs = 700;
/** Code that has never run is compiled first; that is no cost of a message. */
export const warmUpMs = 1_500;
/** What a measurement takes beside its seconds. */
export const overheadMs: number = settleMs + idleMs + warmUpMs + 300;

/** An empty poll of the slowest kind, and some. */
const linkMs = 10_000;

/** @throws when the server or the link cannot be had, or the signal aborts */
export async function measure(
  program: string,
  settings: LabSettings,
  transport: LabTransport,
  ms: number,
  signal: AbortSignal,
): Promise<LabRow> {
  const server = await ServerProcess.start(program, signal);
  let link: LabLink | undefined;
  try {
    await delay(settleMs, undefined, { signal });
    const before = await server.sample(signal);
    await delay(idleMs, undefined, { signal });
    const idle = await server.sample(signal);
    const run = await server.open(settings, transport, signal);
    link = new LabLink({
      url: lineUrl(`http://127.0.0.1:${server.port}`, run, transport),
      transport,
      settings,
      connect,
      // Both processes are on one machine, and read one clock.
      serverNow,
    });
    await linked(link, signal);
    await delay(warmUpMs, undefined, { signal });
    link.latency.clear();
    const start = await server.sample(signal);
    await delay(ms, undefined, { signal });
    const end = await server.sample(signal);
    return rowOf(link, { before, idle, start, end });
  } finally {
    link?.stop();
    await server.stop();
  }
}

async function linked(link: LabLink, signal: AbortSignal): Promise<void> {
  const giveUp = new AbortController();
  const timer = delay(linkMs, undefined, { signal: AbortSignal.any([signal, giveUp.signal]) });
  const late = timer.then(() => {
    throw new Error(`no link in ${linkMs / 1_000} s: ${link.failure ?? "the server is silent"}`);
  });
  try {
    await Promise.race([link.ready(), late]);
  } finally {
    late.catch(() => {});
    giveUp.abort();
  }
}

interface Samples {
  readonly before: Sample;
  readonly idle: Sample;
  readonly start: Sample;
  readonly end: Sample;
}

function rowOf(link: LabLink, { before, idle, start, end }: Samples): LabRow {
  const [from, to] = [start.counts!, end.counts!];
  const messages = to.messages - from.messages;
  const idleShare = (idle.cpuMicros - before.cpuMicros) / (idle.atMs - before.atMs);
  const work = end.cpuMicros - start.cpuMicros - idleShare * (end.atMs - start.atMs);
  return makeRow({
    transport: link.transport,
    latency: link.latency,
    latencyErrorMs: 0,
    total: to.total,
    setup: to.setup,
    window: {
      up: to.total.up - from.total.up,
      down: to.total.down - from.total.down,
      messages,
    },
    cpuMicros: messages > 0 ? Math.max(0, work / messages) : undefined,
  });
}
