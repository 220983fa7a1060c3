// What the transports want to know of a request of Node's: absolute URL, headers, body.

import type { IncomingMessage } from "node:http";
import type { Body, PushedBody } from "../transports/body.js";

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

export function urlOf(scheme: "http" | "https", host: string, target: string): string {
  return `${scheme}://${host}${pathOf(target)}`;
}

export function targetOf(message: FrameworkMessage): string {
  return pathOf(message.originalUrl ?? message.url ?? "/");
}

/** A request target may be absolute (RFC 9112 §3.2.2); its host is not for us to believe. */
function pathOf(target: string): string {
  return target.startsWith("/") ? target : target.replace(/^[a-z]+:\/\/[^/?#]*/i, "");
}

export function headerOf(message: IncomingMessage, name: string): string | null {
  const value = message.headers[name.toLowerCase()];
  if (value === undefined) return null;
  return Array.isArray(value) ? value.join(", ") : value;
}

/** All of it, where it is there; else its chunks as they come. */
export function bodyOf(message: FrameworkMessage): Body {
  if (message.readableEnded) return bytesOf(message.body);
  if (!message.complete || message.readableFlowing === true) {
    return { push: (to) => pushFrom(message, to) };
  }
  return bytesOf(message.read());
}

function bytesOf(body: unknown): Uint8Array | null {
  if (typeof body === "string") return new TextEncoder().encode(body);
  return body instanceof Uint8Array ? body : null;
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
