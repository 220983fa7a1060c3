// The packets of the protocol (PROTOCOL.md §4), a union keyed by `type`.

import type { Limits } from "./limits.js";

export interface Hello {
  readonly type: "hello";
  readonly version: number;
  readonly link: number;
  readonly session?: string;
  readonly secret?: string;
  readonly received?: number;
  readonly token?: string | undefined;
  readonly agent?: string | undefined;
}

export type Answer = "fresh" | "resumed" | "gap";

export interface Welcome {
  readonly type: "welcome";
  readonly answer: Answer;
  readonly reason?: string;
  readonly session: string;
  readonly secret?: string;
  readonly link: number;
  readonly received: number;
  readonly position: number;
  readonly limits: Limits;
  readonly renewMs?: number;
}

export interface Ack {
  readonly type: "ack";
  readonly count: number;
  /** Of the entry that comes next, where it is not the one expected there (§10.4). */
  readonly position?: number;
}

export interface Ping {
  readonly type: "ping";
  readonly id: number;
}

export interface Pong {
  readonly type: "pong";
  readonly id: number;
}

export interface Token {
  readonly type: "token";
  readonly token: string;
}

export interface Renew {
  readonly type: "renew";
  readonly renewMs?: number;
}

export interface Bye {
  readonly type: "bye";
  readonly code: number;
  readonly reason: string;
  readonly reconnect?: boolean;
  readonly retryMs?: number;
  readonly versions?: readonly number[];
}

export interface Batch {
  readonly type: "batch";
  readonly session: string;
  readonly secret: string;
  readonly link: number;
  readonly position?: number;
  readonly received?: number;
  readonly waitMs?: number;
}

export interface Event {
  readonly type: "event";
  readonly name: string;
  readonly data?: unknown;
  readonly volatile?: true;
  readonly room?: string;
  readonly epoch?: string;
  readonly offset?: number;
}

export interface Request {
  readonly type: "request";
  readonly id: number;
  readonly name: string;
  readonly data?: unknown;
  readonly timeoutMs?: number;
}

export interface Reply {
  readonly type: "reply";
  readonly id: number;
  readonly data?: unknown;
}

export interface Failure {
  readonly type: "failure";
  readonly id: number;
  readonly code: string;
  readonly message: string;
  readonly data?: unknown;
}

export interface Abort {
  readonly type: "abort";
  readonly id: number;
}

export interface Open {
  readonly type: "open";
  readonly stream: number;
  readonly name: string;
  readonly data?: unknown;
  readonly credit: number;
}

export interface Data {
  readonly type: "data";
  readonly stream: number;
  readonly data?: unknown;
}

export interface Credit {
  readonly type: "credit";
  readonly stream: number;
  readonly credit: number;
}

export interface End {
  readonly type: "end";
  readonly stream: number;
  readonly data?: unknown;
}

export interface Cancel {
  readonly type: "cancel";
  readonly stream: number;
  readonly code: string;
  readonly message: string;
}

/** The packets of a stream (§8.3). */
export type StreamPacket = Open | Data | Credit | End | Cancel;

/** Packets that are counted (§4.3), and volatile events. */
export type Payload = Event | Request | Reply | Failure | Abort | StreamPacket;

export type Packet = Payload | Hello | Welcome | Ack | Ping | Pong | Token | Renew | Bye | Batch;

/** Whether a packet has a place in a log (§4.3). */
export function isCounted(packet: Packet): boolean {
  switch (packet.type) {
    case "event":
      return packet.volatile !== true;
    case "request":
    case "reply":
    case "failure":
    case "abort":
    case "open":
    case "data":
    case "credit":
    case "end":
    case "cancel":
      return true;
    default:
      return false;
  }
}
