// One side of a comparison: a server under test with its load, or a client under test with its peer.

import type { Cores, Launch } from "./child.js";
import type { HubRival } from "./hub-rivals.js";
import type { HubWorkload } from "./hub-workloads.js";
import type { EchoJob, HubJob, LoadJob, Measured } from "./load/job.js";
import { LoadProcess } from "./load-process.js";
import { readMemoryBytes } from "./measure/process-cpu.js";
import type { Rival } from "./rivals.js";
import { ServerProcess } from "./server-process.js";
import type { ServerSettings } from "./servers/settings.js";
import type { TlsFiles } from "./tls-files.js";
import type { ClientWorkload, ServerWorkload, Workload } from "./workloads.js";

/** What one round found. */
export interface Round {
  readonly count: number;
  readonly perSecond: number;
  /** CPU time of the side under test, per unit of the count. */
  readonly userUs: number;
  readonly systemUs: number;
  /** Of one core, 0–1: near 1 the load, not the server, sets the pace. */
  readonly loadShare: number;
  /** Of memory workloads only. */
  readonly bytes?: number | undefined;
  /** What one answer takes on the wire, its frame included. */
  readonly answerBytes?: number | undefined;
}

export interface Contender {
  readonly name: string;
  run(seconds: number): Promise<Round>;
  stop(): Promise<void>;
}

export function startServerContender(
  rival: Rival,
  workload: ServerWorkload,
  cores: Cores,
  tls: TlsFiles | undefined,
): Promise<Contender> {
  const { kind, opcode, payloadBytes, deflate } = workload;
  const settings: ServerSettings = {
    mode: kind === "fanout" ? "fanout" : "echo",
    opcode,
    payloadBytes,
    deflate,
    tls: workload.tls ? tls : undefined,
  };
  return startContender(rival.name, workload, () =>
    startPair(rival.launch(settings), (server) => createJob(workload, server), cores),
  );
}

export function startHubContender(
  rival: HubRival,
  workload: HubWorkload,
  cores: Cores,
): Promise<Contender> {
  return startContender(rival.name, workload, () =>
    startPair(
      rival.launch(workload.settings),
      (server) => createHubJob(rival, workload, server),
      cores,
    ),
  );
}

/** Whether every round has a process of its own; then there is nothing to warm up. */
export function isFresh({ kind }: Workload): boolean {
  return isMemory(kind) || kind === "restart";
}

export function isMemory(kind: Workload["kind"]): boolean {
  return kind === "memory" || kind === "hub-memory";
}

async function startContender(
  name: string,
  workload: Workload,
  start: () => Promise<Pair>,
): Promise<Contender> {
  if (isFresh(workload)) {
    const measure = isMemory(workload.kind) ? measureMemory : measureRate;
    let running: Pair | undefined;
    const run = async (): Promise<Round> => {
      running = await start();
      try {
        return await measure(running, 0);
      } finally {
        await running.stop();
      }
    };
    return { name, run, stop: async () => await running?.stop() };
  }
  const pair = await start();
  return { name, run: (seconds) => measureRate(pair, seconds), stop: () => pair.stop() };
}

/** @param peer the server that answers the client. */
export async function startClientContender(
  library: string,
  peer: Rival,
  workload: ClientWorkload,
  cores: Cores,
): Promise<Contender> {
  const { opcode, payloadBytes, connections, burst } = workload;
  const settings = { mode: "echo", opcode, payloadBytes, deflate: "off" } as const;
  const server = await ServerProcess.start({ ...peer.launch(settings), core: cores.load });
  const client = new LoadProcess(cores.server, "./clients/main.js", [library]);
  const { port, pid } = server;
  const target = {
    port,
    serverPid: pid,
    opcode,
    payloadBytes,
    deflate: "off",
    tls: false,
  } as const;
  const job: EchoJob = { kind: "echo", ...target, connections, burst };
  const stopBoth = async (): Promise<void> => {
    await client.stop();
    await server.stop();
  };
  try {
    await client.prepare(job);
  } catch (error) {
    await stopBoth();
    throw error;
  }
  return {
    name: library,
    run: (seconds) => measureRate({ load: client }, seconds),
    stop: stopBoth,
  };
}

interface Pair {
  readonly server: ServerProcess;
  readonly load: LoadProcess;
  stop(): Promise<void>;
}

async function startPair(
  launch: Omit<Launch, "core">,
  jobFor: (server: ServerProcess) => LoadJob,
  cores: Cores,
): Promise<Pair> {
  const server = await ServerProcess.start({ ...launch, core: cores.server });
  const load = new LoadProcess(cores.load);
  const stop = async (): Promise<void> => {
    await load.stop();
    await server.stop();
  };
  try {
    await load.prepare(jobFor(server));
  } catch (error) {
    await stop();
    throw error;
  }
  return { server, load, stop };
}

function createHubJob(rival: HubRival, workload: HubWorkload, server: ServerProcess): HubJob {
  const { dialect, transport, recovery } = rival;
  const { kind, connections, payloadBytes, burst, missed } = workload;
  const { port, pid } = server;
  const target = { port, serverPid: pid, dialect, transport, recovery, connections, payloadBytes };
  switch (kind) {
    case "hub-echo":
    case "hub-ask":
      return { kind, ...target };
    case "hub-room":
      return { kind, ...target, burst };
    case "hub-memory":
    case "storm":
      return { kind, ...target, missed };
    case "restart":
      return { kind, ...target };
  }
}

function createJob(workload: ServerWorkload, { port, pid }: ServerProcess): LoadJob {
  const { kind, opcode, payloadBytes, deflate, tls, connections, burst, echoFirst } = workload;
  const target = { port, serverPid: pid, opcode, payloadBytes, deflate, tls, connections };
  switch (kind) {
    case "echo":
    case "fanout":
      return { kind, ...target, burst };
    case "churn":
      return { kind, ...target };
    case "memory":
      return { kind, ...target, echoFirst };
  }
}

async function measureRate({ load }: Pick<Pair, "load">, seconds: number): Promise<Round> {
  const measured = await load.run(seconds);
  if (measured.count === 0) throw new Error("Not one message was answered.");
  return roundOf(measured);
}

/** The growth of anonymous memory, collected before and after; a fresh process every time. */
async function measureMemory({ server, load }: Pair): Promise<Round> {
  await server.collect();
  const before = readMemoryBytes(server.pid);
  const measured = await load.run(0);
  await server.collect();
  return { ...roundOf(measured), bytes: (readMemoryBytes(server.pid) - before) / measured.count };
}

function roundOf({ count, seconds, server, load, receivedBytes }: Measured): Round {
  return {
    count,
    perSecond: count / seconds,
    userUs: server.userUs / count,
    systemUs: server.systemUs / count,
    answerBytes: receivedBytes && receivedBytes / count,
    loadShare: (load.userUs + load.systemUs) / 1e6 / seconds,
  };
}
