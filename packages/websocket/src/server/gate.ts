/**
 * The checks that every opening request passes, whichever way it reached the server: grammar, path,
 * host, origin. Each refusal says what the client, or the operator, has to change.
 */
import type { Socket as NetSocket } from "node:net";
import {
  type HandshakeLimits,
  judgeRequest,
  type Refusal,
  refuse,
  refuseForbidden,
  refuseMisdirected,
  refuseNotFound,
} from "@tidewire/ws-protocol";
import { createOriginCheck, type OriginCheck, type OriginPolicy } from "./origin-check.js";
import { assertPathRule, matchesPath, type PathRule } from "./path-rule.js";
import { assertTrustProxy, type TrustProxy } from "./proxy-trust.js";
import { headOf, isMessage, type ReceivedRequest } from "./received-request.js";
import { UpgradeRequest } from "./upgrade-request.js";

export interface GateOptions {
  readonly path?: PathRule;
  readonly origins?: OriginPolicy | undefined;
  readonly hosts?: readonly string[] | undefined;
  readonly trustProxy?: TrustProxy | undefined;
}

/** Header lines that Node collects unless `maxHeadersCount` says otherwise. */
const NODE_HEADER_LINES_MAX = 1000;

export class Gate {
  readonly path: PathRule;
  readonly #limits: HandshakeLimits;
  readonly #allowsOrigin: OriginCheck;
  readonly #hosts: ReadonlySet<string> | undefined;
  readonly #trustProxy: TrustProxy | undefined;

  /** @throws {TypeError | RangeError} when an option could never do what it says. */
  constructor(options: GateOptions, limits: HandshakeLimits) {
    const { path, hosts, trustProxy, origins = "same" } = options;
    assertPathRule(path);
    assertTrustProxy(trustProxy);
    this.path = path;
    this.#limits = limits;
    this.#allowsOrigin = createOriginCheck(origins);
    this.#hosts = hosts === undefined ? undefined : new Set(hosts.map(readHost));
    this.#trustProxy = trustProxy;
  }

  /** What the application throws in its own checks is passed on. */
  judge(received: ReceivedRequest, netSocket: NetSocket): UpgradeRequest | Refusal {
    if (isMessage(received) && received.rawHeaders.length >= nodeHeaderLinesMax(netSocket) * 2) {
      return this.#refuseTruncated();
    }
    const opening = judgeRequest(headOf(received), this.#limits);
    if (opening.type === "refused") return opening;
    const request = new UpgradeRequest(received, opening, netSocket, this.#trustProxy);
    if (this.path !== undefined && !matchesPath(this.path, request.path)) return refuseNotFound();
    if (this.#hosts !== undefined && !this.#servesHost(request.host)) {
      return refuseMisdirected(
        "This server does not serve the requested host. Check the host name, or add it to the hosts of the server.",
      );
    }
    const { origin } = request;
    if (origin !== undefined && !this.#allowsOrigin(origin, request)) return refuseOrigin();
    return request;
  }

  /**
   * Node drops header lines above its own bound without a word, and what is missing might be the
   * Origin: such a request cannot be judged.
   */
  #refuseTruncated(): Refusal {
    const { headerLinesMax } = this.#limits;
    return refuse(
      431,
      `There are more header lines than headerLinesMax (${headerLinesMax}), or than maxHeadersCount of the HTTP server. Send fewer.`,
    );
  }

  #servesHost(host: string): boolean {
    const lower = host.toLowerCase();
    return this.#hosts!.has(lower) || this.#hosts!.has(withoutPort(lower));
  }
}

function refuseOrigin(): Refusal {
  return refuseForbidden(
    "Pages of this Origin may not connect. " +
      "To allow it, add it to the origins of the server; behind a proxy, have the proxy pass Host, X-Forwarded-Proto and X-Forwarded-For, and set trustProxy.",
  );
}

/** 0 and below mean that Node keeps all lines, within its bound of bytes. */
function nodeHeaderLinesMax(netSocket: NetSocket): number {
  const { server } = netSocket as { server?: { maxHeadersCount?: number | null } };
  const given = server?.maxHeadersCount ?? NODE_HEADER_LINES_MAX;
  return given > 0 ? given : Number.POSITIVE_INFINITY;
}

function withoutPort(host: string): string {
  const colon = host.lastIndexOf(":");
  return colon > host.lastIndexOf("]") ? host.slice(0, colon) : host;
}

function readHost(entry: string): string {
  let url: URL | undefined;
  try {
    url = new URL(`ws://${entry}/`);
  } catch {
    // Reported below.
  }
  const lower = entry.toLowerCase();
  if (url === undefined || withoutPort(lower) !== url.hostname) {
    throw new TypeError(
      `hosts has ${JSON.stringify(entry)}: write a name or address in ASCII, such as "example.org" (any port) or "example.org:8080"`,
    );
  }
  return lower;
}
