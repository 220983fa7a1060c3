/**
 * The process under attack: a server, or a client, of this package and nothing else, so that what is
 * measured is theirs. It echoes short messages and counts all of them.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { monitorEventLoopDelay } from "node:perf_hooks";
import {
  ConnectError,
  ProtocolError,
  type Socket,
  WebSocket,
  WebSocketServer,
} from "@tidewire/websocket";
import type { Measures, Order, Report, SubjectOptions } from "./orders.js";

/** Longer messages are only counted. */
const ECHO_BYTES_MAX = 1024;

let options: SubjectOptions = {};
let connections = 0;
let messages = 0;
let messageBytes = 0;
const faults: string[] = [];
const admissions: (() => void)[] = [];
const delay = monitorEventLoopDelay({ resolution: 10 });
delay.enable();

const handlers = {
  open(): void {
    connections++;
  },
  message(socket: Socket, data: string | Uint8Array): void {
    messages++;
    messageBytes += data.length;
    if (data.length <= ECHO_BYTES_MAX) void socket.send(data);
  },
  error(_socket: Socket, error: Error): void {
    if (error instanceof ProtocolError) faults.push(error.fault.code);
  },
  close(): void {
    connections--;
  },
};

process.on("message", (order: Order) => {
  switch (order.type) {
    case "begin":
      options = order.options;
      if (order.role === "server") void serve();
      else report({ type: "ready", port: 0, path: "/", echoes: true });
      break;
    case "connect":
      open(order.id, order.url);
      break;
    case "admit":
      for (const admit of admissions.splice(0)) admit();
      break;
    case "measure":
      measure(order.id);
      break;
  }
});
// The test that ordered all this has gone.
process.on("disconnect", () => process.exit(0));

async function serve(): Promise<void> {
  const {
    holdsHandshakes = false,
    limits,
    maxHeaderSize,
    perMessageDeflate,
    subprotocols,
  } = options;
  const server = new WebSocketServer<unknown>({
    limits,
    perMessageDeflate,
    subprotocols,
    handlers,
    refused: () => {},
    ...(holdsHandshakes
      ? { authenticate: () => new Promise<object>((resolve) => admissions.push(() => resolve({}))) }
      : {}),
  });
  if (maxHeaderSize === undefined) {
    const { port } = await server.listen({ host: "127.0.0.1" });
    report({ type: "ready", port, path: "/", echoes: true });
    return;
  }
  const http = createServer({ maxHeaderSize }, (_request, response) => response.end("plain"));
  server.attach(http);
  http.listen(0, "127.0.0.1", () => {
    report({ type: "ready", port: (http.address() as AddressInfo).port, path: "/", echoes: true });
  });
}

function open(id: number, url: string): void {
  const { limits, perMessageDeflate = false, subprotocols } = options;
  let isOpen = false;
  const socket = new WebSocket(url, {
    limits,
    perMessageDeflate,
    subprotocols,
    handlers: {
      ...handlers,
      open: () => {
        isOpen = true;
        handlers.open();
        report({ type: "opened", id });
      },
      close: () => {
        if (isOpen) handlers.close();
        else report({ type: "failed", id, ...describe(socket.failure) });
      },
    },
  });
}

function describe(failure: Error | undefined): { code: string; fault: string } {
  return failure instanceof ConnectError
    ? { code: failure.code, fault: failure.fault ?? "" }
    : { code: String(failure), fault: "" };
}

function measure(id: number): void {
  globalThis.gc!();
  globalThis.gc!();
  const { rss, heapUsed, external } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const measures: Measures = {
    rssBytes: rss,
    rssPeakBytes: readPeak(),
    keptBytes: heapUsed + external,
    cpuMs: (user + system) / 1000,
    stallMs: delay.max / 1e6,
    connections,
    waiting: admissions.length,
    messages,
    messageBytes,
    faults,
  };
  delay.reset();
  report({ type: "measured", id, measures });
}

/** Linux has `maxRSS` begin with what the parent had; its own figure does not. */
function readPeak(): number {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS * 1024;
  const [, kib = ""] = /VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return Number(kib) * 1024;
}

function report(message: Report): void {
  process.send!(message);
}
