// One POST to the hub (PROTOCOL.md §10.2, §10.7): the answer, or why there is none.

import {
  type Bye,
  type Codec,
  type Encoded,
  type Fault,
  isCounted,
  isFault,
  jsonCodec,
  LengthReader,
  LineReader,
  type Link,
  type Packet,
  SseReader,
} from "@tidewire/session-protocol";
import { type Failure, failureOf } from "../failure.js";
import { errorBodyMax, retryAfterMsMax } from "../later-limits.js";
import { incomingBytesMax } from "../limits.js";
import { systemCode } from "../system-code.js";
import type { CarrierHost } from "./carrier.js";

export interface Post {
  readonly path: "sse" | "stream" | "poll" | "send";
  readonly codec: Codec;
  readonly body: Encoded;
  readonly signal: AbortSignal;
  /** The page may be going away. */
  readonly keepalive?: boolean;
}

export type Posted =
  | { readonly type: "answered"; readonly response: Response }
  | { readonly type: "failed"; readonly failure: Failure; readonly bye?: Bye };

type Host = Pick<CarrierHost, "platform" | "url" | "credentials">;

/** Never rejects. A 200 of another content type is no answer of a hub. */
export async function post(host: Host, request: Post): Promise<Posted> {
  const { path, codec, body, signal } = request;
  let response: Response;
  try {
    response = await host.platform.fetch!(addressOf(host.url, path), {
      method: "POST",
      headers: { "content-type": codec.contentType },
      body: body as BodyInit,
      signal,
      cache: "no-store",
      credentials: host.credentials,
      redirect: "error",
      ...(request.keepalive ? { keepalive: true } : {}),
    });
  } catch (cause) {
    if (!host.platform.isOnline()) return failed("offline", "there is no network", { cause });
    return failed("refused", whyRefused(host, cause), { cause });
  }
  const expected = path === "sse" ? "text/event-stream" : codec.contentType;
  if (response.status === 200 && contentTypeOf(response) === expected) {
    return { type: "answered", response };
  }
  return judge(response);
}

/** Pages are told nothing, and what is not allowed to them looks the same. */
function whyRefused({ platform }: Host, cause: unknown): string {
  const code = systemCode(cause);
  if (code !== undefined) return `no connection: ${code}`;
  return platform.baseUrl === undefined
    ? "nothing answered"
    : "nothing answered, or CORS hides the answer";
}

/** `{base}/{path}`; what the base asks for stays behind it. */
function addressOf(base: URL, path: Post["path"]): string {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/$/, "")}/${path}`;
  return url.href;
}

/**
 * Hands over each message of an answer as it comes. Answers a fault when the body is not made of
 * messages, undefined at its end; rejects when the connection breaks or the signal aborts.
 */
export async function readMessages(
  response: Response,
  codec: Codec,
  signal: AbortSignal,
  onMessage: (message: Encoded, id: string) => void,
): Promise<Fault | undefined> {
  const push = readerFor(response, codec, onMessage);
  const reader = response.body?.getReader();
  // Old platforms know no streams: the whole body at once then.
  if (reader === undefined) return push(new Uint8Array(await response.arrayBuffer()));
  const cancel = (): void => void reader.cancel().catch(() => {});
  // Node's fetch can lose its signal while an answer goes on, and would hold the connection.
  signal.addEventListener("abort", cancel, { once: true });
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      signal.throwIfAborted();
      return undefined;
    }
    const fault = push(value);
    if (fault !== undefined) {
      cancel();
      return fault;
    }
  }
}

function readerFor(
  response: Response,
  codec: Codec,
  onMessage: (message: Encoded, id: string) => void,
): (chunk: Uint8Array) => Fault | undefined {
  if (codec.binary) {
    const reader = new LengthReader(incomingBytesMax);
    return (chunk) => reader.push(chunk, (message) => onMessage(message, ""));
  }
  const text = new TextDecoder("utf-8", { fatal: true });
  if (contentTypeOf(response) === "text/event-stream") {
    const reader = new SseReader(incomingBytesMax);
    const onEvent = ({ data, id }: { data: string; id: string }): void => onMessage(data, id);
    return (chunk) => reader.push(text.decode(chunk, { stream: true }), onEvent);
  }
  const reader = new LineReader(incomingBytesMax);
  return (chunk) =>
    reader.push(text.decode(chunk, { stream: true }), (message) => onMessage(message, ""));
}

async function judge(response: Response): Promise<Posted> {
  const { status } = response;
  const bye = await byeOf(response);
  if (bye !== undefined) {
    return { type: "failed", failure: { ...failureOf(bye), status }, bye };
  }
  if (status >= 500 || status === 408 || status === 429) {
    const reason = status === 429 ? "overloaded" : "server";
    const detail = `a proxy or server answered ${status}`;
    return failed(reason, detail, { status, ...retryAfter(response) });
  }
  const answer = `${status} ${contentTypeOf(response)}`.trimEnd();
  const detail = `something that is no hub answered ${answer}: is the hub attached at this path?`;
  return failed("unavailable", detail, { status });
}

/** A link that broke, for `CarrierHost.failed`. */
export function lost(detail: string, cause?: unknown): Failure {
  return { reason: "lost", detail, ...(cause === undefined ? {} : { cause }) };
}

/** Tells a link where a packet of an answer stands, as answers may cross; answers the next position (§10.4). */
export function place(link: Link, packet: Packet, position: number): number {
  if (isCounted(packet)) {
    link.expected = position;
    return position + 1;
  }
  const isTold = packet.type === "welcome" || packet.type === "ack";
  return (isTold ? packet.position : undefined) ?? position;
}

/** Seconds, as proxies send them; dates are left to our own backoff. */
function retryAfter(response: Response): { retryMs?: number } {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return seconds > 0 ? { retryMs: Math.min(retryAfterMsMax, seconds * 1_000) } : {};
}

async function byeOf(response: Response): Promise<Bye | undefined> {
  if (contentTypeOf(response) !== "application/json") {
    response.body?.cancel().catch(() => {});
    return undefined;
  }
  try {
    const text = await startOf(response);
    const packet = jsonCodec.decode(text);
    return !isFault(packet) && packet.type === "bye" ? packet : undefined;
  } catch {
    return undefined;
  }
}

async function startOf(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return (await response.text()).slice(0, errorBodyMax);
  const text = new TextDecoder();
  let start = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return start.trim();
    start += text.decode(value, { stream: true });
    if (start.length > errorBodyMax) {
      reader.cancel().catch(() => {});
      return start;
    }
  }
}

function contentTypeOf(response: Response): string {
  const [type = ""] = (response.headers.get("content-type") ?? "").split(";");
  return type.trim().toLowerCase();
}

function failed(
  reason: Failure["reason"],
  detail: string,
  more: Pick<Failure, "status" | "retryMs" | "cause">,
): Posted {
  return { type: "failed", failure: { reason, detail, ...more } };
}
