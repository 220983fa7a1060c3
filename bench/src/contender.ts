// One side of a comparison: a server under test with its load, or a client under test with its peer.

import type { Cores } from "./child.js";
import type { EchoJob, LoadJob } from "./load/job.js";
import { LoadProcess } from "./load-process.js";
import { readMemoryBytes } from "./measure/process-cpu.js";
import type { Rival } from "./rivals.js";
import { ServerProcess } from "./server-process.js";
import type { ServerSettings } from "./servers/settings.js";
import type { TlsFiles } from "./tls-files.js";
import type { ClientWorkload, ServerWorkload } from "./workloads.js";

/** What one round found. */
export interface Round {
  readonly perSecond: number;
  /** CPU time of the side under test, per unit of the count. */
  readonly userUs: number;
  readonly systemUs: number;
  /** Of one core, 0–1: near 1 the load, not the server, sets the pace. */
  readonly loadShare: number;
  /** Of memory workloads only. */
  readonly bytes?: number | undefined;
}

export interface Contender {
  readonly name: string;
  run(seconds: number): Promise<Round>;
  stop(): Promise<void>;
}

export async function startServerContender(
  rival: Rival,
  workload: ServerWorkload,
  cores: Cores,
  tls: TlsFiles | undefined,
): Promise<Contender> {
  const start = () => startPair(rival, workload, cores, tls);
  if (workload.kind === "memory") {
    return { name: rival.name, run: () => measureMemory(start), stop: async () => {} };
  }
  const pair = await start();
  return {
    name: rival.name,
    run: (seconds) => measureRate(pair.load, seconds),
    stop: () => pair.stop(),
  };
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
  return { name: library, run: (seconds) => measureRate(client, seconds), stop: stopBoth };
}

interface Pair {
  readonly server: ServerProcess;
  readonly load: LoadProcess;
  stop(): Promise<void>;
}

async function startPair(
  rival: Rival,
  workload: ServerWorkload,
  cores: Cores,
  tls: TlsFiles | undefined,
): Promise<Pair> {
  const { opcode, payloadBytes, deflate } = workload;
  const settings: ServerSettings = {
    mode: workload.kind === "fanout" ? "fanout" : "echo",
    opcode,
    payloadBytes,
    deflate,
    tls: workload.tls ? tls : undefined,
  };
  const server = await ServerProcess.start({ ...rival.launch(settings), core: cores.server });
  const load = new LoadProcess(cores.load);
  const stop = async (): Promise<void> => {
    await load.stop();
    await server.stop();
  };
  try {
    await load.prepare(createJob(workload, server));
  } catch (error) {
    await stop();
    throw error;
  }
  return { server, load, stop };
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

async function measureRate(load: LoadProcess, seconds: number): Promise<Round> {
  const measured = await load.run(seconds);
  if (measured.count === 0) throw new Error("Not one message was answered.");
  return {
    perSecond: measured.count / measured.seconds,
    userUs: measured.server.userUs / measured.count,
    systemUs: measured.server.systemUs / measured.count,
    loadShare: (measured.load.userUs + measured.load.systemUs) / 1e6 / measured.seconds,
  };
}

/** The growth of anonymous memory, collected before and after; a fresh process every time. */
async function measureMemory(start: () => Promise<Pair>): Promise<Round> {
  const { server, load, stop } = await start();
  try {
    await server.collect();
    const before = readMemoryBytes(server.pid);
    const { count, seconds, ...cpu } = await load.run(0);
    await server.collect();
    return {
      perSecond: count / seconds,
      userUs: cpu.server.userUs / count,
      systemUs: cpu.server.systemUs / count,
      loadShare: (cpu.load.userUs + cpu.load.systemUs) / 1e6 / seconds,
      bytes: (readMemoryBytes(server.pid) - before) / count,
    };
  } finally {
    await stop();
  }
}
