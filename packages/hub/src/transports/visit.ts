// A request that passed the gate, on its way to its answer. Thousands wait as polls at any time, so it
// is one plain object and not a chain of promises.

import type { Bye, Codec, Encoded, Session } from "@tidewire/session-protocol";
import type { LinkFacts, TransportName } from "../sessions/admission.js";
import type { Departure } from "../sessions/departure.js";
import { type HeaderList, lastWord, packets } from "./answer.js";
import type { Exchange } from "./exchange.js";
import type { Endpoint } from "./gate.js";
import type { Waiting } from "./poll-port.js";
import type { Post } from "./turn.js";

export type HttpEndpoint = Exclude<Endpoint, "websocket">;

export class Visit implements LinkFacts, Waiting, Post {
  readonly exchange: Exchange;
  readonly endpoint: HttpEndpoint;
  readonly codec: Codec;
  readonly cors: HeaderList;
  readonly origin: string | undefined;
  transport: TransportName;
  /** Known once its batch proved it. */
  session: Session | undefined;

  constructor(
    exchange: Exchange,
    endpoint: HttpEndpoint,
    codec: Codec,
    cors: HeaderList,
    origin: string | undefined,
  ) {
    this.exchange = exchange;
    this.endpoint = endpoint;
    this.codec = codec;
    this.cors = cors;
    this.origin = origin;
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

  takeAck(): number {
    return this.session?.takeAck() ?? 0;
  }

  over(end: Bye): void {
    this.exchange.respond(lastWord(end, this.codec, this.cors));
  }
}

/** As far as the endpoint tells. A POST is part of an open response, or of either kind of polls. */
const transports: Readonly<Record<HttpEndpoint, TransportName>> = {
  sse: "sse",
  stream: "stream",
  poll: "long-polling",
  send: "stream",
};
