// One full example of every packet type (PROTOCOL.md §4).

import { defaultLimits, type Packet } from "@tidewire/session-protocol";

const id = "abcdefghijklmnopqrstuv";

export const samples: readonly Packet[] = [
  {
    type: "hello",
    version: 1,
    link: 2,
    session: id,
    secret: id,
    received: 7,
    token: "t",
    agent: "test/1",
  },
  {
    type: "welcome",
    answer: "gap",
    reason: "overflow",
    session: id,
    secret: id,
    link: 2,
    received: 3,
    position: 9,
    limits: defaultLimits,
    renewMs: 60_000,
  },
  { type: "ack", count: 12 },
  { type: "ping", id: 1 },
  { type: "pong", id: 1 },
  { type: "token", token: "t" },
  { type: "renew", renewMs: 1000 },
  { type: "bye", code: 4002, reason: "later", reconnect: true, retryMs: 500, versions: [1] },
  { type: "batch", session: id, secret: id, link: 2, position: 0, received: 3, waitMs: 0 },
  { type: "event", name: "said", data: { text: "hi" }, room: "lobby", epoch: "e1", offset: 4 },
  { type: "event", name: "typing", data: true, volatile: true },
  { type: "request", id: 1, name: "say", data: [1, null, "x"], timeoutMs: 5000 },
  { type: "reply", id: 1, data: 0 },
  { type: "failure", id: 1, code: "invalid", message: "no", data: { at: "text" } },
  { type: "abort", id: 1 },
  { type: "open", stream: 1, name: "upload", data: { size: 3 }, credit: 64 },
  { type: "data", stream: 1, data: "item" },
  { type: "credit", stream: 1, credit: 32 },
  { type: "end", stream: 1, data: "done" },
  { type: "cancel", stream: 1, code: "busy", message: "later" },
];
