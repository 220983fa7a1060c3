// The HTTP transports for hosts that speak web `Request` and `Response`: an adapter of their core.

import type { Bye } from "@tidewire/session-protocol";
import { checkOptions, shown } from "../check-options.js";
import type { Admission } from "../sessions/admission.js";
import type { Departure } from "../sessions/departure.js";
import type { Answer } from "./answer.js";
import type { Body } from "./body.js";
import type { Carriers } from "./carrier.js";
import type { ConnectionFacts, Exchange, HubRequest } from "./exchange.js";
import type { Gate } from "./gate.js";
import { HttpTransports, type TransportOptions, transportOptionKinds } from "./http-transports.js";
import type { TransportLimits } from "./limits.js";
import { OpenResponse } from "./open-response.js";

export type HubLike = Admission | { readonly admission: Admission };

/** The HTTP transports of one hub. */
export interface FetchHandler {
  /** Answers a request; never rejects. */
  (request: HubRequest, facts: ConnectionFacts): Promise<Response>;
  /** Whether a request to this path (without the query) is for the hub. */
  takes(pathname: string): boolean;
  readonly path: string;
  readonly gate: Gate;
  readonly carriers: Carriers;
  readonly limits: TransportLimits;
  readonly failed: (error: unknown) => void;
  /** Ends all links with this `bye`; their sessions live on. What comes afterwards is answered 4503. */
  close(bye?: Bye): void;
}

/**
 * The HTTP transports for servers that speak `Request` and `Response`; Node's are in
 * `@tidewire/hub/node`.
 *
 * @throws {TypeError} when the path or the policy of the gate could never do what it says.
 * @throws {RangeError} for a limit that is not a whole number of at least 1.
 */
export function createFetchHandler(hub: HubLike, options: TransportOptions = {}): FetchHandler {
  const admission = admissionOf(hub, "createFetchHandler(hub, options)");
  checkOptions("createFetchHandler", transportOptionKinds, options);
  const transports = new HttpTransports(admission, options);
  const handle = (request: HubRequest, facts: ConnectionFacts): Promise<Response> =>
    new Promise((resolve) => {
      transports.take(new FetchExchange(request, facts, resolve));
    });
  return Object.assign(handle, {
    takes: (pathname: string) => transports.takes(pathname),
    path: transports.path,
    gate: transports.gate,
    carriers: transports.carriers,
    limits: transports.limits,
    failed: transports.failed,
    close: (bye?: Bye) => transports.close(bye),
  });
}

/** @throws {TypeError} for what is no hub. */
export function admissionOf(hub: HubLike, call: string): Admission {
  if (typeof hub === "object" && hub !== null) {
    if ("admission" in hub) return hub.admission;
    if ("gate" in hub) return hub;
  }
  throw new TypeError(`${call} needs a Hub first, and was given ${shown(hub)}.`);
}

class FetchExchange implements Exchange {
  readonly method: string;
  readonly url: string;
  readonly pathname: string;
  readonly headers: HubRequest["headers"];
  readonly body: Body;
  readonly signal: Departure;
  readonly address: string;
  readonly #resolve: (response: Response) => void;

  constructor(request: HubRequest, facts: ConnectionFacts, resolve: (response: Response) => void) {
    this.method = request.method;
    this.url = request.url;
    this.pathname = /^[a-z]+:\/\/[^/?#]*([^?#]*)/.exec(request.url)?.[1] ?? "";
    this.headers = request.headers;
    this.body = request.body;
    this.signal = request.signal;
    this.address = facts.address;
    this.#resolve = resolve;
  }

  respond({ status, headers, body }: Answer): void {
    const given = body instanceof OpenResponse ? body.toStream() : body;
    this.#resolve(
      new Response(given as string | Uint8Array<ArrayBuffer> | null, {
        status,
        headers: headers as [string, string][],
      }),
    );
  }
}
