/**
 * The one listener for upgrades on an HTTP server: several WebSocket servers with different paths
 * share it, and it lets other listeners (a development server's, say) have what is not theirs.
 */
import { type Server as HttpServer, type IncomingMessage, ServerResponse } from "node:http";
import type { Socket as NetSocket } from "node:net";
import type { Duplex } from "node:stream";
import { refuse, refuseNotFound } from "@tidewire/ws-protocol";
import { DEFAULT_HANDSHAKE_TIMEOUT_MS } from "../websocket-limits.js";
import { matchesPath, type PathRule, pathnameOf } from "./path-rule.js";
import { ignoreError, refuseUpgrade } from "./refuse-upgrade.js";

export interface UpgradeTarget {
  readonly path: PathRule;
  upgrade(message: IncomingMessage, socket: Duplex, head: Uint8Array): void;
}

const dispatchers = new WeakMap<HttpServer, UpgradeDispatcher>();

/** @throws {Error} when the same path, or every path, is taken by another WebSocket server. */
export function attachTarget(httpServer: HttpServer, target: UpgradeTarget): void {
  let dispatcher = dispatchers.get(httpServer);
  if (dispatcher === undefined) {
    dispatcher = new UpgradeDispatcher(httpServer);
    dispatchers.set(httpServer, dispatcher);
  }
  dispatcher.add(target);
}

export function detachTarget(httpServer: HttpServer, target: UpgradeTarget): void {
  if (dispatchers.get(httpServer)?.remove(target) === "last") dispatchers.delete(httpServer);
}

class UpgradeDispatcher {
  readonly #httpServer: HttpServer;
  readonly #exact = new Map<string, UpgradeTarget>();
  readonly #predicates = new Set<UpgradeTarget>();
  #everyPath: UpgradeTarget | undefined;

  constructor(httpServer: HttpServer) {
    this.#httpServer = httpServer;
    httpServer.on("upgrade", this.#onUpgrade);
  }

  add(target: UpgradeTarget): void {
    const { path } = target;
    if (typeof path === "function") {
      this.#predicates.add(target);
    } else if (path === undefined) {
      if (this.#everyPath !== undefined) throw taken("every path");
      this.#everyPath = target;
    } else {
      if (this.#exact.has(path)) throw taken(`the path ${path}`);
      this.#exact.set(path, target);
    }
  }

  remove(target: UpgradeTarget): "last" | "more" {
    const { path } = target;
    if (typeof path === "string" && this.#exact.get(path) === target) this.#exact.delete(path);
    this.#predicates.delete(target);
    if (this.#everyPath === target) this.#everyPath = undefined;
    const count = this.#exact.size + this.#predicates.size;
    if (count > 0 || this.#everyPath !== undefined) return "more";
    this.#httpServer.off("upgrade", this.#onUpgrade);
    return "last";
  }

  readonly #onUpgrade = (message: IncomingMessage, duplex: Duplex, head: Uint8Array): void => {
    // Of Node's own servers it is always one of net or tls.
    const netSocket = duplex as NetSocket;
    const isForWebSocket = asksForWebSocket(message.rawHeaders);
    const target = isForWebSocket ? this.#find(message.url!) : undefined;
    if (target !== undefined) target.upgrade(message, netSocket, head);
    else if (this.#httpServer.listenerCount("upgrade") > 1) guardAbandoned(netSocket);
    else if (isForWebSocket) refuseUpgrade(netSocket, refuseNotFound());
    else this.#ignoreUpgrade(message, netSocket);
  };

  #find(url: string): UpgradeTarget | undefined {
    const pathname = pathnameOf(url);
    const exact = this.#exact.get(pathname);
    if (exact !== undefined) return exact;
    for (const target of this.#predicates) {
      if (matchesPath(target.path, pathname)) return target;
    }
    return this.#everyPath;
  }

  /**
   * RFC 9110 §7.8: a server may ignore an Upgrade that it does not want, such as the h2c of curl.
   * Node would have done so without our listener, so the request goes where it would have gone.
   */
  #ignoreUpgrade(message: IncomingMessage, netSocket: NetSocket): void {
    const { headers } = message;
    const hasBody =
      headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) !== 0;
    // Its body has not been parsed, and the parser is gone.
    if (hasBody || this.#httpServer.listenerCount("request") === 0) {
      refuseUpgrade(
        netSocket,
        refuse(501, "This server does not speak that protocol. Send the request without Upgrade."),
      );
      return;
    }
    netSocket.on("error", ignoreError);
    message.complete = true;
    message.push(null);
    const response = new ServerResponse(message);
    response.shouldKeepAlive = false;
    response.assignSocket(netSocket);
    response.once("finish", () => {
      response.detachSocket(netSocket);
      netSocket.destroySoon();
    });
    this.#httpServer.emit("request", message, response);
  }
}

/** Whether to treat a request as ours; one without any Upgrade line lost it to Node's line limit. */
function asksForWebSocket(rawHeaders: readonly string[]): boolean {
  let other = false;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    if (name.length !== 7 || name.toLowerCase() !== "upgrade") continue;
    if (rawHeaders[index + 1]!.toLowerCase().includes("websocket")) return true;
    other = true;
  }
  return !other;
}

/**
 * Another listener may take this socket, or none may. Meanwhile a reset must not end the process for
 * want of an error listener, and a socket that nobody takes must not stay for ever.
 */
function guardAbandoned(netSocket: NetSocket): void {
  netSocket.on("error", ignoreError);
  const { bytesWritten } = netSocket;
  const timer = setTimeout(() => {
    const isTaken =
      netSocket.bytesWritten !== bytesWritten ||
      netSocket.listenerCount("data") > 0 ||
      netSocket.listenerCount("readable") > 0;
    if (!isTaken) refuseUpgrade(netSocket, refuseNotFound());
  }, DEFAULT_HANDSHAKE_TIMEOUT_MS);
  timer.unref();
  netSocket.once("close", () => clearTimeout(timer));
}

function taken(what: string): Error {
  return new Error(
    `Another WebSocketServer is attached to this HTTP server for ${what}: give each a path of its own`,
  );
}
