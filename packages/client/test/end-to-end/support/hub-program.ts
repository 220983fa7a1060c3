// A hub in a process of its own. Its orders come from the test, and what it saw goes there.

import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Hub, type HubLimits, type SlowPolicy } from "@tidewire/hub";
import { attach } from "@tidewire/hub/node";
import { MemoryWatch } from "./memory-watch.js";
import type { HubOrder, HubReport } from "./orders.js";

const options = JSON.parse(process.argv[2]!) as { limits: Partial<HubLimits>; slow: SlowPolicy };
const sizeMax = 128 * 1024 * 1024;

const report = (what: HubReport): void => void process.send!(what);
const failed = (error: unknown): void => report({ type: "error", text: String(error) });

const hub = new Hub({ ...options, onError: failed });
const server = createServer();
attach(hub, server, { failed });
let watch = new MemoryWatch();

hub.on("connect", (peer) => void peer.join("lobby"));
hub.on("disconnect", (_, { code }) => report({ type: "ended", code }));
hub.onUpload("file", { sizeMax, sha256: () => createHash("sha256") }, async (_, upload) => {
  let latest = 0;
  let isMonotonic = true;
  let toTell = 0;
  upload.onProgress = (received) => {
    isMonotonic &&= received > latest;
    latest = received;
    if (received < toTell) return;
    toTell += 1_048_576;
    report({ type: "progress", received });
  };
  for await (const chunk of upload) void chunk;
  report({ type: "stored", sha256: upload.sha256!, isMonotonic });
  return { size: upload.received, sha256: upload.sha256 };
});

process.on("message", (order: HubOrder) => {
  if (order.type === "say") say(order);
  else {
    report({ type: "stats", stats: hub.stats(), memory: watch.memory });
    watch = new MemoryWatch();
  }
});
process.on("disconnect", () => process.exit());

server.listen(0, "127.0.0.1", () => {
  report({ type: "listening", port: (server.address() as AddressInfo).port });
});

/** In small bursts, so that those who keep pace can. */
function say({ from, to, text, ...order }: Extract<HubOrder, { type: "say" }>): void {
  for (let number = from; number < Math.min(from + 10, to); number += 1) {
    hub.to("lobby").emit("said", { number, text });
  }
  if (from + 10 < to) setImmediate(say, { ...order, from: from + 10, to, text });
}
