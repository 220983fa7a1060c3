// The opening handshake as the load sends it: always with the same key, so that the servers which
// do not read the protocol can answer it as well. RFC 6455 §1.3 has both values as its example.

import { createHash } from "node:crypto";
import type { DeflateMode } from "./job.js";

const key = "dGhlIHNhbXBsZSBub25jZQ==";
const accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

export interface HandshakeOptions {
  readonly path: string;
  readonly port: number;
  readonly deflate: DeflateMode;
  readonly subprotocol?: string | undefined;
}

export function createRequest({ path, port, deflate, subprotocol }: HandshakeOptions): string {
  const offer =
    deflate === "per-message"
      ? "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
      : "permessage-deflate";
  return [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${key}`,
    ...(deflate === "off" ? [] : [`Sec-WebSocket-Extensions: ${offer}`]),
    ...(subprotocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${subprotocol}`]),
    "",
    "",
  ].join("\r\n");
}

const fixedAnswer = createAnswer(accept);
const agreement =
  "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover";
const compressingAnswer = createAnswer(accept, agreement);

/** What the servers that do not read the protocol answer; only a client library has another key. */
export function answerRequest(head: string, deflate: DeflateMode = "off"): string {
  if (head.includes(key)) return deflate === "off" ? fixedAnswer : compressingAnswer;
  const theirs = /^sec-websocket-key:\s*(\S+)/im.exec(head)?.[1] ?? "";
  const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  return createAnswer(
    createHash("sha1")
      .update(theirs + guid)
      .digest("base64"),
  );
}

function createAnswer(value: string, ...further: readonly string[]): string {
  return [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${value}`,
    ...further,
    "",
    "",
  ].join("\r\n");
}

/**
 * Checks a server's answer.
 *
 * @returns its extensions, "" for none.
 * @throws {Error} when it is not the right 101.
 */
export function readAnswer(head: string): string {
  const lines = head.split("\r\n");
  if (!lines[0]?.startsWith("HTTP/1.1 101")) throw new Error(`The server answered "${lines[0]}".`);
  const header = (name: string): string | undefined =>
    lines
      .find((line) => line.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim();
  if (header("sec-websocket-accept") !== accept) throw new Error("A wrong Sec-WebSocket-Accept.");
  return header("sec-websocket-extensions") ?? "";
}
