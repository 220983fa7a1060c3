// A request that passed the gate, on its way to its answer. Thousands wait as polls at any time, so it
// is one plain object and not a chain of promises.

import type { Codec, Encoded } from "@tidewire/session-protocol";
import type { LinkFacts, TransportName } from "../sessions/admission.js";
import type { Departure } from "../sessions/departure.js";
import { type HeaderList, packets } from "./answer.js";
import type { Exchange } from "./exchange.js";
import type { Endpoint } from "./gate.js";
import type { Release } from "./places.js";
import type { Waiting } from "./poll-port.js";

export type HttpEndpoint = Exclude<Endpoint, "websocket">;

export class Visit implements LinkFacts, Waiting {
  readonly exchange: Exchange;
  readonly endpoint: HttpEndpoint;
  readonly codec: Codec;
  readonly cors: HeaderList;
  readonly origin: string | undefined;
  /** Gives back the place among those who have not said enough. */
  readonly release: Release;
  transport: TransportName;

  constructor(
    exchange: Exchange,
    endpoint: HttpEndpoint,
    codec: Codec,
    cors: HeaderList,
    passed: { readonly origin: string | undefined; readonly release: Release },
  ) {
    this.exchange = exchange;
    this.endpoint = endpoint;
    this.codec = codec;
    this.cors = cors;
    this.origin = passed.origin;
    this.release = passed.release;
    this.transport = transports[endpoint];
  }

  get address(): string {
    return this.exchange.address;
  }

  get url(): string {
    return this.exchange.url;
  }

  get headers(): LinkFacts["headers"] {
    return this.exchange.headers;
  }

  get signal(): Departure {
    return this.exchange.signal;
  }

  /** Framed packets are the answer. */
  answer(body: Encoded): void {
    this.exchange.respond(packets(body, this.codec.contentType, this.cors));
  }
}

/** As far as the endpoint tells. A POST is part of an open response, or of either kind of polls. */
const transports: Readonly<Record<HttpEndpoint, TransportName>> = {
  sse: "sse",
  stream: "stream",
  poll: "long-polling",
  send: "stream",
};
