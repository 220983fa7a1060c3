// A request of Node's as the transports want it: absolute URL, body in chunks, a signal for its end.

import type { IncomingMessage, ServerResponse } from "node:http";
import { clientOf, type RequestClient, type TrustProxy } from "@tidewire/websocket";
import type { Departure } from "../sessions/departure.js";
import type { PushedBody } from "../transports/body.js";
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
  const request: HubRequest = {
    method: message.method ?? "",
    url: urlOf(client.secure ? "https" : "http", client.host, targetOf(message)),
    headers: { get: (name) => headerOf(message, name) },
    body: bodyOf(message),
    signal: new ResponseEnd(response),
  };
  return { request, client };
}

/** That a client went before its answer was complete. */
class ResponseEnd implements Departure {
  readonly #response: ServerResponse;
  readonly #listeners = new Set<() => void>();
  #isWatched = false;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get aborted(): boolean {
    return this.#response.closed && !this.#response.writableFinished;
  }

  addEventListener(_type: "abort", listen: () => void): void {
    this.#listeners.add(listen);
    if (this.#isWatched) return;
    this.#isWatched = true;
    this.#response.once("close", () => this.#closed());
  }

  removeEventListener(_type: "abort", listen: () => void): void {
    this.#listeners.delete(listen);
  }

  #closed(): void {
    if (this.#response.writableFinished) return;
    // Taken out as they are called, as `once` says; every listener here is of that kind.
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listen of listeners) listen();
  }
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
  if (!message.readableEnded) return { push: (to) => pushFrom(message, to) };
  const { body } = message;
  if (typeof body === "string") return chunk(new TextEncoder().encode(body));
  return body instanceof Uint8Array ? chunk(body) : null;
}

/** A client that goes before its body is complete is told of by the request's signal. */
function pushFrom(message: IncomingMessage, to: Parameters<PushedBody["push"]>[0]): () => void {
  message.on("data", to.chunk).on("end", to.end);
  return () => {
    message.off("data", to.chunk).off("end", to.end);
    // Who stops reading still has to answer: the socket must outlive the body.
    message.pause();
  };
}

async function* chunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
