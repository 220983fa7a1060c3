// @ts-check
// Which vulnerable version of which peer has to fail which of our hostile tests, and how.

/**
 * @typedef {object} Control
 * @property {string} row of the security cases
 * @property {string} peer the exact version to install
 * @property {string} subject the program that runs it
 * @property {string} file the tests
 * @property {string} title a pattern of exactly the test that has to fail
 * @property {RegExp} failure how it has to fail
 */

const ENDED = /the process under attack ended/;
const GREW = /MiB that (?:the process has grown by|it keeps)|the process under attack ended/;
// vitest reports a test that ran out of time under the name that it gave its stack trace.
const HUNG = /STACK_TRACE_ERROR|timed out/;

/** @type {readonly Control[]} */
export const CONTROLS = [
  {
    row: "A1",
    peer: "ws@8.20.1",
    subject: "ws-server.mjs",
    file: "fragments.test.ts",
    title: "sent to a server A1 .* cost a small multiple",
    failure: GREW,
  },
  {
    row: "A2",
    peer: "ws@8.21.0",
    subject: "ws-server.mjs",
    file: "fragments.test.ts",
    title: "sent to a server A2 ",
    failure: GREW,
  },
  {
    row: "A4",
    peer: "undici@7.23.0",
    subject: "undici-client.mjs",
    file: "fragments.test.ts",
    title: "sent to a client A1 .* cost a small multiple",
    failure: GREW,
  },
  {
    row: "A18",
    peer: "engine.io@6.1.0",
    subject: "engine-io-server.mjs",
    file: "frames.test.ts",
    title: "sent to a server A18 ",
    failure: ENDED,
  },
  {
    row: "B1",
    peer: "undici@7.23.0",
    subject: "undici-client.mjs",
    file: "deflate.test.ts",
    title: "sent to a client B1 .* 1000 MiB",
    failure: GREW,
  },
  {
    row: "C1",
    peer: "ws@8.17.0",
    subject: "ws-server.mjs",
    file: "request.test.ts",
    title: "C1 .* names in front of .* on an HTTP server",
    failure: ENDED,
  },
  {
    row: "C2",
    peer: "ws@7.4.5",
    subject: "ws-server.mjs",
    file: "request.test.ts",
    title: "C2 CVE-2021-32640",
    failure: HUNG,
  },
  {
    row: "C10",
    peer: "sockjs@0.3.19",
    subject: "sockjs-server.mjs",
    file: "request.test.ts",
    title: "C10 ",
    failure: ENDED,
  },
];
