// @ts-check
// `npm run soak -- --connections 10000 --messages 1000000 [--senders 100] [--direct]`: a server in one
// process, idle connections in a second and echoes in a third, and what that costs: memory before, at its
// peak and after, file descriptors, event-loop delay; with `directIo` at both ends if told so. Runs on the
// built packages: `npm run build` first.
//
// Each process has to stay below the limit of open files. Clients connect from 127.0.0.1, .2, .3 …,
// because one address has too few ports for many runs in a row.
import { execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { connect, WebSocketServer } from "../packages/websocket/dist/index.js";

/** Connections that are being opened at once: fewer than the kernel lets wait to be accepted. */
const OPENING = 100;
/** Connections per source address. */
const PER_ADDRESS = 2000;
/** Messages that a sender has under way. */
const WINDOW = 64;
/** Files that a process has open besides its connections. */
const OTHER_FILES = 64;
const MEASURE_MS = 500;
const MIB = 1024 * 1024;

const { SOAK_ROLE } = process.env;
if (SOAK_ROLE === "server") await serve();
else if (SOAK_ROLE === "load") load();
else await direct();

// ——— the director ———

async function direct() {
  const { connections, messages, senders, direct: directIo } = readArguments();
  requireFiles(Math.max(connections + senders, connections, senders) + OTHER_FILES);
  const server = startPart("server");
  const idle = startPart("load");
  const busy = startPart("load");
  const parts = [server, idle, busy];
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    console.log("\nStopping.");
    for (const part of parts) part.child.kill("SIGTERM");
    process.exitCode = 130;
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  const startedAt = performance.now();
  try {
    const listen = { type: "listen", connections: connections + senders, directIo };
    const { port } = await server.ask(listen);
    const before = await measureAll(parts);
    /** @param {string} text */
    const progress = (text) => process.stdout.isTTY && process.stdout.write(`\r${text}   `);
    const url = `ws://127.0.0.1:${port}/`;
    const opened = performance.now();
    await idle.ask({ type: "open", url, directIo, count: connections, first: 1 }, (done) =>
      progress(`${done} of ${connections} connections open`),
    );
    await busy.ask({ type: "open", url, directIo, count: senders, first: 100 });
    const openSeconds = (performance.now() - opened) / 1000;
    const quiet = await measureAll(parts);
    const began = performance.now();
    await busy.ask({ type: "send", messages }, (done) =>
      progress(`${done} of ${messages} messages echoed`),
    );
    const sendSeconds = (performance.now() - began) / 1000;
    const after = await measureAll(parts);
    // Whoever was idle all the time has to be there still.
    const { echoed } = await idle.ask({ type: "send", messages: connections });
    const peaks = await Promise.all(parts.map((part) => part.ask({ type: "peak" })));
    await Promise.all([idle.ask({ type: "close" }), busy.ask({ type: "close" })]);
    const { taken } = await server.ask({ type: "settle" });
    const closed = await measureAll(parts);
    progress("");
    console.log(`\nNode ${process.version}, ${process.platform}, ulimit -n ${openFilesMax()}`);
    console.log(
      `${connections} idle connections and ${senders} senders opened in ${openSeconds.toFixed(1)} s; ` +
        `${messages} messages echoed in ${sendSeconds.toFixed(1)} s ` +
        `(${Math.round(messages / sendSeconds)} per second); then 1 on each idle connection: ${echoed} came back. ` +
        `The server took ${taken} messages in all.\n`,
    );
    ["server", "idle clients", "senders"].forEach((name, index) => {
      printPart(name, {
        before: before[index],
        open: quiet[index],
        peak: peaks[index],
        "after the messages": after[index],
        "after closing": closed[index],
      });
    });
    const perConnection = (quiet[0].rss - before[0].rss) / (connections + senders) / 1024;
    console.log(`The server takes ${perConnection.toFixed(1)} KiB (RSS) per open connection.`);
    console.log(`Whole run: ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`);
    if (taken !== messages + connections) {
      throw new Error(`the server took ${taken} messages instead of ${messages + connections}`);
    }
  } catch (error) {
    if (!stopping) {
      console.error(`\nThe soak failed: ${error instanceof Error ? error.message : error}`);
      process.exitCode = 1;
    }
  } finally {
    for (const part of parts) part.child.kill("SIGTERM");
    await Promise.all(parts.map((part) => part.exited));
  }
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      connections: { type: "string", default: "10000" },
      messages: { type: "string", default: "1000000" },
      senders: { type: "string", default: "100" },
      direct: { type: "boolean", default: false },
    },
  });
  const count = (/** @type {"connections" | "messages" | "senders"} */ name) => {
    const value = Number(values[name]);
    if (Number.isSafeInteger(value) && value >= 1) return value;
    console.error(`--${name} must be a whole number of 1 or more, not "${values[name]}".`);
    process.exit(2);
  };
  return {
    connections: count("connections"),
    messages: count("messages"),
    senders: count("senders"),
    direct: values.direct,
  };
}

/** @param {number} needed */
function requireFiles(needed) {
  const most = openFilesMax();
  if (most >= needed) return;
  console.error(
    `This needs ${needed} open files in one process, and "ulimit -n" allows ${most}: ` +
      `run "ulimit -n ${needed}" first, or ask for fewer --connections (at most ${most - OTHER_FILES - 100}).`,
  );
  process.exit(2);
}

function openFilesMax() {
  if (process.platform === "win32") return Number.POSITIVE_INFINITY;
  const said = execFileSync("sh", ["-c", "ulimit -n"]).toString().trim();
  return said === "unlimited" ? Number.POSITIVE_INFINITY : Number(said);
}

/** @param {"server" | "load"} role */
function startPart(role) {
  const child = fork(fileURLToPath(import.meta.url), [], {
    env: { ...process.env, SOAK_ROLE: role },
    execArgv: ["--expose-gc"],
    // Ctrl-C is for the director alone, who then ends the others.
    detached: true,
  });
  const exited = once(child, "exit");
  /** @type {Promise<never>} */
  const died = exited.then(([code, signal]) => {
    throw new Error(`the ${role} process ended (${code ?? signal})`);
  });
  died.catch(() => {});
  /**
   * @param {object} order
   * @param {(done: number) => void} [told]
   * @returns {Promise<any>}
   */
  const ask = (order, told) => {
    /** @type {Promise<any>} */
    const answer = new Promise((resolve, reject) => {
      const hear = (/** @type {any} */ message) => {
        if (message.type === "progress") {
          told?.(message.done);
          return;
        }
        child.off("message", hear);
        if (message.type === "failed") reject(new Error(message.reason));
        else resolve(message);
      };
      child.on("message", hear);
    });
    child.send(order);
    return Promise.race([answer, died]);
  };
  return { child, exited, ask };
}

/** @param {ReturnType<typeof startPart>[]} parts */
function measureAll(parts) {
  return Promise.all(parts.map((part) => part.ask({ type: "measure" })));
}

/**
 * @param {string} name
 * @param {Record<string, any>} moments
 */
function printPart(name, moments) {
  console.log(
    [name.padEnd(20), "RSS MiB", "heap MiB", "external MiB", "files", "worst delay ms"].join("  "),
  );
  for (const [moment, { rss, heapUsed, external, files, delayMs }] of Object.entries(moments)) {
    console.log(
      [
        `  ${moment}`.padEnd(20),
        mebibytes(rss).padStart(7),
        mebibytes(heapUsed).padStart(8),
        mebibytes(external).padStart(12),
        String(files).padStart(5),
        delayMs.toFixed(1).padStart(14),
      ].join("  "),
    );
  }
  console.log("");
}

/** @param {number} bytes */
function mebibytes(bytes) {
  return (bytes / MIB).toFixed(1);
}

// ——— what all parts do ———

/** @param {(order: any) => void} rest */
function obey(rest) {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  let peak = look();
  const timer = setInterval(() => {
    const now = look();
    peak = {
      rss: Math.max(peak.rss, now.rss),
      heapUsed: Math.max(peak.heapUsed, now.heapUsed),
      external: Math.max(peak.external, now.external),
    };
  }, MEASURE_MS);
  timer.unref();
  process.on("message", (/** @type {any} */ order) => {
    const delayMs = delay.max / 1e6;
    if (order.type === "measure") {
      delay.reset();
      globalThis.gc?.();
      globalThis.gc?.();
      tell({ ...look(), files: countFiles(), delayMs });
      delay.reset();
    } else if (order.type === "peak") {
      tell({ ...peak, files: countFiles(), delayMs });
    } else {
      rest(order);
    }
  });
  process.on("disconnect", () => process.exit(0));
  process.on("SIGTERM", () => process.exit(0));
}

function look() {
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heapUsed, external };
}

function countFiles() {
  return process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0;
}

/** @param {object} message */
function tell(message) {
  process.send?.({ type: "done", ...message });
}

// ——— the server ———

function serve() {
  /** @type {WebSocketServer<undefined> | undefined} */
  let server;
  let taken = 0;
  const message = (
    /** @type {import("../packages/websocket/dist/index.js").ServerWebSocket} */ socket,
    /** @type {string | Uint8Array} */ data,
  ) => {
    taken++;
    void socket.send(data);
  };
  obey(async (order) => {
    if (order.type === "listen") {
      server = new WebSocketServer({
        directIo: order.directIo,
        limits: {
          connectionsMax: order.connections + OPENING,
          connectionsPerAddressMax: order.connections + OPENING,
        },
        handlers: { message },
      });
      const { port } = await server.listen({ host: "127.0.0.1" });
      tell({ port });
    } else if (order.type === "settle") {
      while (server !== undefined && server.connections.size > 0) await turn();
      tell({ taken });
    }
  });
}

// ——— the load ———

function load() {
  /** @type {import("../packages/websocket/dist/index.js").WebSocket[]} */
  const sockets = [];
  obey(async (order) => {
    try {
      if (order.type === "open") {
        await openAll(sockets, order);
        tell({});
      } else if (order.type === "send") {
        tell({ echoed: await echoAll(sockets, order.messages) });
      } else if (order.type === "close") {
        for (const socket of sockets) socket.close(1000);
        await Promise.all(sockets.map((socket) => socket.closed));
        sockets.length = 0;
        tell({});
      }
    } catch (error) {
      process.send?.({
        type: "failed",
        reason: error instanceof Error ? error.message : `${error}`,
      });
    }
  });
}

/**
 * @param {import("../packages/websocket/dist/index.js").WebSocket[]} sockets
 * @param {{ url: string, directIo: boolean, count: number, first: number }} order
 */
async function openAll(sockets, { url, directIo, count, first }) {
  let next = 0;
  const openOne = async () => {
    while (next < count) {
      const localAddress = `127.0.0.${first + Math.floor(next++ / PER_ADDRESS)}`;
      sockets.push(await connect(url, { localAddress, directIo, perMessageDeflate: false }));
      if (sockets.length % 500 === 0) report(sockets.length);
    }
  };
  await Promise.all(Array.from({ length: OPENING }, openOne));
}

/**
 * Every sender keeps some messages under way, and checks that they come back in order.
 *
 * @param {import("../packages/websocket/dist/index.js").WebSocket[]} sockets
 * @param {number} messages
 * @returns {Promise<number>}
 */
function echoAll(sockets, messages) {
  let left = messages;
  let echoed = 0;
  return new Promise((resolve, reject) => {
    sockets.forEach((socket, index) => {
      let sent = 0;
      let received = 0;
      const send = () => {
        if (left === 0) return;
        left--;
        void socket.send(`${index}:${sent++}`);
      };
      socket.onclose = ({ code }) => reject(new Error(`a connection was closed with ${code}`));
      socket.onmessage = ({ data }) => {
        if (data !== `${index}:${received++}`) reject(new Error(`wrong echo: ${data}`));
        if (++echoed % 10_000 === 0) report(echoed);
        if (echoed < messages) return send();
        for (const each of sockets) each.onclose = null;
        resolve(echoed);
      };
      const share = Math.max(1, Math.min(WINDOW, Math.floor(messages / sockets.length)));
      for (let count = 0; count < share; count++) send();
    });
  });
}

/** @param {number} done */
function report(done) {
  process.send?.({ type: "progress", done });
}

function turn() {
  return new Promise((resolve) => setImmediate(resolve));
}
