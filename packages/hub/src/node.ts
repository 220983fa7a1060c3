// The hub on Node: beside whatever else a `node:http` or `node:https` server does, on the same port.

import type { Server as HttpServer, IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Bye } from "@tidewire/session-protocol";
import type { TrustProxy } from "@tidewire/websocket";
import { checkOptions, shown } from "./check-options.js";
import { mount } from "./node/dispatcher.js";
import { type ExchangeHouse, NodeExchange } from "./node/exchange.js";
import { pathnameOf } from "./node/request.js";
import { createSocketServer, type HubSocketServer } from "./node/sockets.js";
import { admissionOf, type HubLike } from "./transports/fetch-handler.js";
import {
  HttpTransports,
  type TransportOptions,
  transportOptionKinds,
} from "./transports/http-transports.js";

export type { ConnectionFacts, HubRequest } from "./transports/exchange.js";
export { createFetchHandler, type FetchHandler } from "./transports/fetch-handler.js";
export type { TransportOptions } from "./transports/http-transports.js";

export interface NodeOptions extends TransportOptions {
  /**
   * How many proxies in front add to `X-Forwarded-For`, or which addresses are such proxies. Without
   * it all clients behind a proxy share one address, and its limits. Default: none are trusted.
   */
  readonly trustProxy?: TrustProxy | undefined;
  /**
   * The WebSockets go under the streams of `node:net`, by what Node does not document: see `directIo`
   * of `WebSocketServer`. Default false.
   */
  readonly directIo?: boolean | undefined;
}

/** A hub on a server. */
export interface Attached {
  readonly path: string;
  /**
   * Takes no more requests, and ends all links with `bye` (default 4002): their sessions live on, and
   * their clients link elsewhere. The HTTP server stays open. Resolves when all sockets are closed and
   * all requests are answered.
   */
  close(bye?: Bye): Promise<void>;
}

/** The hub as a request listener; `next` is called for paths that are not the hub's. */
export interface NodeHandler extends Attached {
  (message: IncomingMessage, response: ServerResponse, next?: () => void): void;
  /** For `server.on("upgrade", …)`. */
  upgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void;
}

const optionKinds: Readonly<Record<keyof NodeOptions, readonly string[]>> = {
  ...transportOptionKinds,
  trustProxy: ["number", "function"],
  directIo: ["boolean"],
};

/**
 * Takes the requests and WebSockets under `path` (default `/tidewire`) of an HTTP server. Everything
 * else on it, present and future listeners too, goes on as if the hub were not there. Of hubs on nested
 * paths (`/live`, `/live/admin`) the one with the longest path that fits takes a request.
 *
 * @throws {TypeError | RangeError} when an option could never do what it says.
 * @throws {Error} when another WebSocket server has that path, or another hub answers requests there.
 */
export function attach(hub: HubLike, server: HttpServer, options: NodeOptions = {}): Attached {
  const transports = new NodeTransports("attach", hub, options);
  assertServer(server);
  const unmount = mount(server, {
    path: transports.path,
    takes: (pathname) => transports.takes(pathname),
    request: (message, response) => transports.request(message, response),
    upgrade: (message, socket, head) => transports.upgrade(message, socket, head),
  });
  try {
    // It also answers upgrades that nobody wants, which Node hands out once there is a listener.
    transports.sockets.attach(server);
  } catch (error) {
    unmount();
    throw error;
  }
  return {
    path: transports.path,
    async close(bye) {
      await transports.close(bye);
      unmount();
    },
  };
}

/**
 * A listener for Express, Connect, Fastify's raw requests and the like. Mount it before body parsers,
 * and give `handler.upgrade` the server's `upgrade` events; or use `attach`, which needs neither.
 */
export function toNodeHandler(hub: HubLike, options: NodeOptions = {}): NodeHandler {
  const transports = new NodeTransports("toNodeHandler", hub, options);
  const handle = (message: IncomingMessage, response: ServerResponse, next?: () => void): void => {
    if (next !== undefined && !transports.takes(pathnameOf(message))) next();
    else transports.request(message, response);
  };
  return Object.assign(handle, {
    path: transports.path,
    upgrade: (message: IncomingMessage, socket: Duplex, head: Buffer) =>
      transports.upgrade(message, socket, head),
    close: (bye?: Bye) => transports.close(bye),
  });
}

class NodeTransports implements ExchangeHouse {
  readonly transports: HttpTransports;
  readonly sockets: HubSocketServer;
  readonly trustProxy: TrustProxy | undefined;
  /** Requests that are not answered to their end. */
  #unanswered = 0;
  /** Called when the last one is. */
  readonly #waiters: (() => void)[] = [];

  constructor(call: "attach" | "toNodeHandler", hub: HubLike, options: NodeOptions) {
    const admission = admissionOf(hub, call === "attach" ? "attach(hub, server)" : `${call}(hub)`);
    checkOptions(call, optionKinds, options);
    const { trustProxy, directIo, ...rest } = options;
    this.transports = new HttpTransports(admission, rest);
    this.trustProxy = trustProxy;
    this.sockets = createSocketServer(admission, this.transports, { trustProxy, directIo });
  }

  get path(): string {
    return this.transports.path;
  }

  takes(pathname: string): boolean {
    return this.transports.takes(pathname);
  }

  request(message: IncomingMessage, response: ServerResponse): void {
    this.#unanswered += 1;
    let exchange: NodeExchange;
    try {
      exchange = new NodeExchange(message, response, this);
    } catch (error) {
      // A `trustProxy` of the program's may throw.
      this.transports.failed(error);
      response.destroy();
      this.ended();
      return;
    }
    exchange.begin();
  }

  upgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.sockets.upgrade(message, socket, head);
  }

  async close(bye?: Bye): Promise<void> {
    this.transports.close(bye);
    await Promise.all([this.sockets.close({ code: bye?.code ?? 4002 }), this.#idle()]);
  }

  ended(): void {
    this.#unanswered -= 1;
    if (this.#unanswered > 0) return;
    for (const tell of this.#waiters.splice(0)) tell();
  }

  async #idle(): Promise<void> {
    if (this.#unanswered === 0) return;
    await new Promise<void>((resolve) => {
      this.#waiters.push(resolve);
    });
  }
}

/** @throws {TypeError} for what is no HTTP server. */
function assertServer(server: HttpServer): void {
  const isServer =
    typeof server === "object" &&
    server !== null &&
    ["on", "emit", "listen"].every((name) => typeof Reflect.get(server, name) === "function");
  if (isServer) return;
  throw new TypeError(
    `attach(hub, server) needs a server of node:http or node:https, and was given ${shown(server)}. ` +
      "Give createServer(app) for an app of Express or Connect, fastify.server for Fastify.",
  );
}
