// What the load process is told and what it answers, over IPC.

import type { CpuTime } from "../measure/process-cpu.js";

/**
 * `per-message`: neither side keeps a window between messages; `context`: both do; `default`: the
 * load offers both, and each server does what it does when nobody says more than "compress".
 */
export type DeflateMode = "off" | "per-message" | "context" | "default";

interface Target {
  readonly port: number;
  /** Whose CPU time and memory are read. */
  readonly serverPid: number;
  readonly opcode: number;
  readonly payloadBytes: number;
  readonly deflate: DeflateMode;
  readonly tls: boolean;
}

/** Each connection sends `burst` messages in one write, and again once all answers are there. */
export interface EchoJob extends Target {
  readonly kind: "echo";
  readonly connections: number;
  readonly burst: number;
}

/** One more connection publishes `burst` messages in one write, and again once all have them. */
export interface FanoutJob extends Target {
  readonly kind: "fanout";
  readonly connections: number;
  readonly burst: number;
}

/** Open, close with 1000, wait for the end, open again; `connections` at a time. */
export interface ChurnJob extends Target {
  readonly kind: "churn";
  readonly connections: number;
}

/** Opens connections that stay idle, `echoFirst` after one message each. */
export interface MemoryJob extends Target {
  readonly kind: "memory";
  readonly connections: number;
  readonly echoFirst: boolean;
}

/** How the load speaks with a hub. */
export interface HubTarget {
  readonly port: number;
  readonly serverPid: number;
  readonly dialect: "tidewire" | "socket.io";
  readonly transport: "websocket" | "sse" | "stream" | "poll";
  /** Whether clients note where they are, to go on after a cut (Socket.IO). */
  readonly recovery: boolean;
  readonly connections: number;
  readonly payloadBytes: number;
}

/** Each session sends an event that comes back, or asks, and again once it has its answer. */
export interface HubEchoJob extends HubTarget {
  readonly kind: "hub-echo" | "hub-ask";
}

/** One member of a room of `connections` says something, `burst` at a time, until all have it. */
export interface HubRoomJob extends HubTarget {
  readonly kind: "hub-room";
  readonly burst: number;
}

/** Opens sessions and leaves them alone; with `missed`, cuts their links and says that much to them. */
export interface HubMemoryJob extends HubTarget {
  readonly kind: "hub-memory";
  readonly missed: number;
}

/** All links but one are cut, `missed` events are said, and all sessions come back at once. */
export interface StormJob extends HubTarget {
  readonly kind: "storm";
  readonly missed: number;
}

/** Clients of a server that was restarted: all name sessions that it does not know. */
export interface RestartJob extends HubTarget {
  readonly kind: "restart";
}

export type HubJob = HubEchoJob | HubRoomJob | HubMemoryJob | StormJob | RestartJob;

export type LoadJob = EchoJob | FanoutJob | ChurnJob | MemoryJob | HubJob;

export interface Measured {
  /** Messages, deliveries or connections that were completed. */
  readonly count: number;
  readonly seconds: number;
  /** What came back from the server, where that is counted. */
  readonly receivedBytes?: number | undefined;
  readonly server: CpuTime;
  readonly load: CpuTime;
}

export type LoadCommand =
  | { readonly type: "prepare"; readonly job: LoadJob }
  | { readonly type: "run"; readonly seconds: number };

export type LoadAnswer =
  | { readonly type: "ready" }
  | { readonly type: "measured"; readonly measured: Measured }
  | { readonly type: "failed"; readonly message: string };
