// A request of Node's as the transports want it: absolute URL, body in chunks, a signal for its end.

import type { IncomingMessage, ServerResponse } from "node:http";
import { clientOf, type RequestClient, type TrustProxy } from "@tidewire/websocket";
import type { HubRequest } from "../transports/fetch-handler.js";

/** What Express and its relatives add. */
interface FrameworkMessage extends IncomingMessage {
  /** The URL before a mount path was cut off. */
  readonly originalUrl?: string;
  /** The body, where a body parser was faster. */
  readonly body?: unknown;
}

/** The path of a request, as sent and without the query. */
export function pathnameOf(message: IncomingMessage): string {
  const target = targetOf(message);
  const end = target.indexOf("?");
  return end === -1 ? target : target.slice(0, end);
}

/** The request, and who sent it. The signal aborts when the client goes before its answer is complete. */
export function readRequest(
  message: IncomingMessage,
  response: ServerResponse,
  trust: TrustProxy | undefined,
): { readonly request: HubRequest; readonly client: RequestClient } {
  const client = clientOf(message, trust);
  const controller = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) controller.abort();
  });
  const request: HubRequest = {
    method: message.method ?? "",
    url: urlOf(client.secure ? "https" : "http", client.host, targetOf(message)),
    headers: { get: (name) => headerOf(message, name) },
    body: bodyOf(message),
    signal: controller.signal,
  };
  return { request, client };
}

export function urlOf(scheme: "http" | "https", host: string, target: string): string {
  return `${scheme}://${host}${pathOf(target)}`;
}

function targetOf(message: FrameworkMessage): string {
  return pathOf(message.originalUrl ?? message.url ?? "/");
}

/** A request target may be absolute (RFC 9112 §3.2.2); its host is not for us to believe. */
function pathOf(target: string): string {
  return target.startsWith("/") ? target : target.replace(/^[a-z]+:\/\/[^/?#]*/i, "");
}

function headerOf(message: IncomingMessage, name: string): string | null {
  const value = message.headers[name.toLowerCase()];
  if (value === undefined) return null;
  return Array.isArray(value) ? value.join(", ") : value;
}

function bodyOf(message: FrameworkMessage): HubRequest["body"] {
  // Who stops reading still has to answer: the socket must outlive the iterator.
  if (!message.readableEnded) {
    return { [Symbol.asyncIterator]: () => message.iterator({ destroyOnReturn: false }) };
  }
  const { body } = message;
  if (typeof body === "string") return chunk(new TextEncoder().encode(body));
  return body instanceof Uint8Array ? chunk(body) : null;
}

async function* chunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
