// @ts-check
// The layers of Tidewire: who may import whom. This is the one place; ARCHITECTURE.md shows the
// same table (`node scripts/check-layers.mjs --write` renews it there).
//
// `imports` names other packages of ours without their scope, `node:*` for Node's own modules,
// and `peers` for the package's own peer dependencies. Type-only imports count like any other.

/**
 * @typedef {object} Layer
 * @property {string} folder
 * @property {string} is what it is, in a few words
 * @property {string[]} imports
 * @property {boolean} [pure] no clock, dice, timers or other ambient powers in its sources
 * @property {Record<string, string[]>} [files] more imports for single files below src/
 * @property {Record<string, string[]>} [parts] order inside of src/: each folder or file names the
 *   parts (or single files) that it may import besides itself; `index.ts` may import all
 */

/** @param {string} name */
const published = (name) => `packages/${name}`;

const bases = ["limits.ts", "platform.ts", "faults.ts"];

/** @type {Layer[]} */
export const layers = [
  {
    folder: published("ws-protocol"),
    is: "RFC 6455 and RFC 7692 without I/O, clock or dice",
    imports: [],
    pure: true,
    parts: {
      "limits.ts": [],
      "platform.ts": [],
      "faults.ts": ["frames/close-code.ts"],
      bytes: [...bases],
      frames: ["bytes", ...bases],
      // The grammar of extensions is the handshake's, what permessage-deflate makes of it is not.
      deflate: ["handshake/extensions.ts", "handshake/handshake-faults.ts", ...bases],
      handshake: ["bytes", "deflate", ...bases],
      messages: ["bytes", "frames", "deflate", ...bases],
      connection: ["bytes", "frames", "messages", "deflate", "handshake", ...bases],
    },
  },
  {
    folder: published("websocket"),
    is: "Node sockets under it: server, client, streams, permessage-deflate",
    imports: ["ws-protocol", "node:*"],
  },
  {
    folder: published("session-protocol"),
    is: "the realtime wire protocol without I/O: packets, logs, acks, resume",
    imports: [],
    pure: true,
  },
  {
    folder: published("hub"),
    is: "server: sessions, rooms, presence, transports, the backplane port",
    imports: ["session-protocol"],
    files: Object.fromEntries(
      [
        "node.ts",
        "dispatcher.ts",
        "exchange.ts",
        "request.ts",
        "response.ts",
        "response-end.ts",
        "response-outlet.ts",
        "sockets.ts",
      ].map((name) => [name === "node.ts" ? name : `node/${name}`, ["websocket", "node:*"]]),
    ),
  },
  {
    folder: published("client"),
    is: "browser and Node client: connect, fall back, reconnect, resume",
    imports: ["session-protocol"],
    files: { "node.ts": ["websocket", "node:*"], "react.ts": ["peers"] },
  },
  ...["redis", "nats"].map((name) => ({
    folder: published(name),
    is: "backplane on an existing engine, whose client library is a peer dependency",
    imports: ["hub", "peers"],
  })),
  ...["socketio", "mqtt", "wamp"].map((name) => ({
    folder: published(name),
    is: "dialect: a wire protocol that real clients already speak, into the same rooms",
    imports: ["hub"],
  })),
  {
    folder: published("conformance"),
    is: "judges any WebSocket server or client; nothing of ours, so it is an independent witness",
    imports: ["node:*"],
  },
  {
    folder: published("tidewire"),
    is: "command line: serve, connect, inspect, bench, conform",
    imports: ["*"],
  },
  {
    folder: published("test-support"),
    is: "not published: a real browser and real proxies for the tests of several packages",
    imports: ["*"],
  },
  {
    folder: "apps/showcase",
    is: "what `npm start` opens",
    imports: ["*"],
  },
];

/** Globals that a pure package must not name: time, dice and I/O are handed to it. */
export const impureGlobals = new Set([
  "Date",
  "performance",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "crypto",
  "fetch",
  "Buffer",
  "process",
  "console",
  "globalThis",
]);
