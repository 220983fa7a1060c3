/** A request as it reached the server: read by `node:http`, or by the server on its own port. */
import { IncomingMessage } from "node:http";
import type { Socket as NetSocket } from "node:net";
import { HeaderLines, type RequestHead } from "@tidewire/ws-protocol";

export type ReceivedRequest = IncomingMessage | RequestHead;

export function isMessage(received: ReceivedRequest): received is IncomingMessage {
  return "rawHeaders" in received;
}

export function headOf(received: ReceivedRequest): RequestHead {
  if (!isMessage(received)) return received;
  const { method, url, httpVersion, rawHeaders } = received;
  return {
    method: method!,
    target: url!,
    httpVersion,
    headers: HeaderLines.fromRaw(rawHeaders),
  };
}

/** Not in the documentation, but how Node itself fills a request; `headers` is made of it. */
interface Fillable {
  _addHeaderLines(rawHeaders: readonly string[], count: number): void;
}

/** What `node:http` would have made of a request without a body. */
export function createMessage(head: RequestHead, netSocket: NetSocket): IncomingMessage {
  const { method, target, httpVersion, headers } = head;
  const message = new IncomingMessage(netSocket);
  const [major, minor] = httpVersion.split(".");
  message.method = method;
  message.url = target;
  message.httpVersion = httpVersion;
  message.httpVersionMajor = Number(major);
  message.httpVersionMinor = Number(minor);
  const rawHeaders = [...headers].flat();
  (message as unknown as Fillable)._addHeaderLines(rawHeaders, rawHeaders.length);
  message.complete = true;
  message.push(null);
  return message;
}
