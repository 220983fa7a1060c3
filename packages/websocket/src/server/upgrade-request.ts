/**
 * An opening request as the application judges it: in `authenticate`, `origins`, `subprotocols` and
 * `open`. It is gone with the handshake; a socket keeps only its url, address and subprotocol.
 */
import type { IncomingMessage } from "node:http";
import type { Socket as NetSocket } from "node:net";
import type { HeaderLines, OpeningRequest } from "@tidewire/ws-protocol";
import { normalizeAddress } from "./client-address.js";
import { pathnameOf } from "./path-rule.js";
import { type Forwarded, readForwarded, type TrustProxy } from "./proxy-trust.js";
import { createMessage, isMessage, type ReceivedRequest } from "./received-request.js";

export class UpgradeRequest {
  /** The client's address, as far as `trustProxy` allows; "" when there is none (a Unix socket). */
  readonly remoteAddress: string;
  /** Whether the client used TLS, towards us or the outermost trusted proxy. */
  readonly secure: boolean;
  /** The host that the client asked for, with its port unless that is the default one. */
  readonly host: string;

  /** @internal What the protocol made of it. */
  readonly opening: OpeningRequest;
  readonly #netSocket: NetSocket;
  #received: ReceivedRequest;
  #abort: AbortController | undefined;

  /** @internal */
  constructor(
    received: ReceivedRequest,
    opening: OpeningRequest,
    netSocket: NetSocket,
    trust: TrustProxy | undefined,
  ) {
    this.#received = received;
    this.#netSocket = netSocket;
    this.opening = opening;
    const peer = peerAddress(netSocket);
    const forwarded: Forwarded | undefined =
      trust === undefined ? undefined : readForwarded(opening.headers, peer, trust);
    this.remoteAddress = forwarded?.address ?? peer;
    const proto = forwarded?.proto;
    this.secure =
      proto === undefined
        ? (netSocket as { encrypted?: boolean }).encrypted === true
        : proto === "https" || proto === "wss";
    this.host = forwarded?.host ?? opening.host;
  }

  /**
   * The request as `node:http` has it, for middleware and session stores. On a server's own port,
   * where `node:http` does not read it, one like it is made when it is first asked for.
   */
  get message(): IncomingMessage {
    const received = this.#received;
    if (isMessage(received)) return received;
    const message = createMessage(received, this.#netSocket);
    this.#received = message;
    return message;
  }

  /** Path and query as sent, such as "/chat?room=1". */
  get url(): string {
    return this.opening.resourceName;
  }

  /** The path as sent, percent-encoding included. */
  get path(): string {
    return pathnameOf(this.opening.resourceName);
  }

  /** The query, decoded. A new object each time. */
  get query(): URLSearchParams {
    const { resourceName } = this.opening;
    const mark = resourceName.indexOf("?");
    return new URLSearchParams(mark === -1 ? "" : resourceName.slice(mark + 1));
  }

  /** All header lines. Look up by name in any case: `headers.value("cookie")`. */
  get headers(): HeaderLines {
    return this.opening.headers;
  }

  /** The `Origin`, which only browsers are bound to tell truly; undefined if there is none. */
  get origin(): string | undefined {
    return this.opening.origin;
  }

  /** What the client offers, in its order of preference. */
  get subprotocols(): readonly string[] {
    return this.opening.subprotocols;
  }

  /** Aborts when the client has gone, or time is up: stop looking up who it was. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    return this.#abort.signal;
  }

  /** @internal */
  abort(reason: Error): void {
    this.#abort?.abort(reason);
  }
}

function peerAddress(netSocket: NetSocket): string {
  const { remoteAddress } = netSocket;
  if (remoteAddress === undefined) return "";
  // The kernel writes IPv4 in one form only.
  return remoteAddress.includes(":") ? (normalizeAddress(remoteAddress) ?? "") : remoteAddress;
}
