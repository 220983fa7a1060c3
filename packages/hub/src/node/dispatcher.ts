// Takes the requests under some paths of an HTTP server, before any other listener sees them.
//
// Other listeners answer every request, with 404 if need be, and may be added before or after us. So
// that the order does not matter, `emit` of this one server is wrapped while something is attached.
// Of nested paths the longest takes a request, whichever was mounted first.

import type { Server as HttpServer, IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { endpoints } from "../transports/http-transports.js";
import { pathnameOf } from "./request.js";

/** What is mounted on a server. */
export interface Mounted {
  readonly path: string;
  takes(pathname: string): boolean;
  request(message: IncomingMessage, response: ServerResponse): void;
  upgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void;
}

const dispatchers = new WeakMap<HttpServer, Dispatcher>();

/**
 * Mounts; answers how to take it off again.
 * @throws {Error} when one of two hubs would take requests that another one's clients depend on.
 */
export function mount(server: HttpServer, mounted: Mounted): () => void {
  const dispatcher = dispatchers.get(server) ?? new Dispatcher(server);
  dispatchers.set(server, dispatcher);
  dispatcher.add(mounted);
  return () => dispatcher.remove(mounted);
}

class Dispatcher {
  readonly #server: HttpServer;
  /** The longest path first. */
  #mounted: readonly Mounted[] = [];
  readonly #former: HttpServer["emit"];
  readonly #wrapped: HttpServer["emit"];

  constructor(server: HttpServer) {
    const former = server.emit;
    const take = (given: readonly unknown[]): boolean => this.#take(given);
    this.#server = server;
    this.#former = former;
    this.#wrapped = function emit(this: HttpServer, ...given: unknown[]): boolean {
      return take(given) || (Reflect.apply(former, this, given) as boolean);
    } as HttpServer["emit"];
    server.emit = this.#wrapped;
  }

  add(mounted: Mounted): void {
    for (const { path } of this.#mounted) {
      refuseEndpointOf(path, mounted.path);
      refuseEndpointOf(mounted.path, path);
    }
    this.#mounted = [...this.#mounted, mounted].sort((a, b) => b.path.length - a.path.length);
  }

  remove(mounted: Mounted): void {
    this.#mounted = this.#mounted.filter((other) => other !== mounted);
    if (this.#mounted.length > 0) return;
    // When somebody has wrapped `emit` after us, ours stays and passes everything on.
    if (this.#server.emit !== this.#wrapped) return;
    this.#server.emit = this.#former;
    dispatchers.delete(this.#server);
  }

  #take(given: readonly unknown[]): boolean {
    const event = given[0];
    const isRequest = event === "request" || event === "checkContinue";
    if (!isRequest && event !== "upgrade") return false;
    const message = given[1] as IncomingMessage;
    if (event === "upgrade") {
      const mounted = this.#find(message);
      if (mounted === undefined || !asksForWebSocket(message)) return false;
      mounted.upgrade(message, given[2] as Duplex, given[3] as Buffer);
      return true;
    }
    const mounted = this.#find(message);
    if (mounted === undefined) return false;
    const response = given[2] as ServerResponse;
    if (event === "checkContinue") response.writeContinue();
    mounted.request(message, response);
    return true;
  }

  #find(message: IncomingMessage): Mounted | undefined {
    if (this.#mounted.length === 0) return undefined;
    const pathname = pathnameOf(message);
    return this.#mounted.find((mounted) => mounted.takes(pathname));
  }
}

function asksForWebSocket({ headers }: IncomingMessage): boolean {
  return (headers.upgrade ?? "").toLowerCase().includes("websocket");
}

function refuseEndpointOf(outer: string, inner: string): void {
  if (!endpoints.some((endpoint) => inner === `${outer}/${endpoint}`)) return;
  throw new Error(
    `A hub cannot be at ${inner}: there the hub at ${outer || "/"} answers its clients' requests. Choose another path.`,
  );
}
