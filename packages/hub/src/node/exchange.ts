// One request of Node's as the transports want it, and the way of its answer.

import type { IncomingMessage, ServerResponse } from "node:http";
import { clientOf, type RequestClient, type TrustProxy } from "@tidewire/websocket";
import type { Answer } from "../transports/answer.js";
import type { Body } from "../transports/body.js";
import type { Exchange } from "../transports/exchange.js";
import type { HttpTransports } from "../transports/http-transports.js";
import { OncePerTurn } from "./once-per-turn.js";
import { bodyOf, headerOf, pathnameOf, targetOf, urlOf } from "./request.js";
import { writeAnswer } from "./response.js";
import { ResponseEnd } from "./response-end.js";

/** What all exchanges of a hub share. */
export interface ExchangeHouse {
  readonly transports: HttpTransports;
  readonly trustProxy: TrustProxy | undefined;
  /** The answer was handed to Node to its end. */
  ended(): void;
}

export class NodeExchange implements Exchange {
  readonly method: string;
  readonly pathname: string;
  readonly headers: Exchange["headers"];
  readonly signal: ResponseEnd;
  body: Body = null;
  readonly #message: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #house: ExchangeHouse;
  readonly #client: RequestClient;

  constructor(message: IncomingMessage, response: ServerResponse, house: ExchangeHouse) {
    this.method = message.method ?? "";
    this.pathname = pathnameOf(message);
    this.headers = new Headers(message);
    this.signal = new ResponseEnd(message, response);
    this.#message = message;
    this.#response = response;
    this.#house = house;
    this.#client = clientOf(message, house.trustProxy);
  }

  get address(): string {
    return this.#client.address;
  }

  get url(): string {
    const { secure, host } = this.#client;
    return urlOf(secure ? "https" : "http", host, targetOf(this.#message));
  }

  /**
   * Most bodies come with their head: at the end of the turn they are there, and cost no stream, no
   * timer and no listener. A body that flows already, because somebody else reads it too, must not be missed.
   */
  begin(): void {
    if (this.#message.readableFlowing === true || this.#message.complete) this.enter();
    else entries.add(this);
  }

  enter(): void {
    this.body = bodyOf(this.#message);
    this.#house.transports.take(this);
    // A poll may wait for long.
    this.body = null;
  }

  respond(answer: Answer): void {
    const { transports } = this.#house;
    let rest: Promise<void> | undefined;
    try {
      rest = writeAnswer(answer, this.#message, this.#response, transports.limits);
    } catch (error) {
      transports.failed(error);
      this.#response.destroy();
    }
    if (rest === undefined) this.#house.ended();
    else rest.then(() => this.#house.ended());
  }
}

const entries = new OncePerTurn<NodeExchange>((exchange) => exchange.enter());

class Headers {
  readonly #message: IncomingMessage;

  constructor(message: IncomingMessage) {
    this.#message = message;
  }

  get(name: string): string | null {
    return headerOf(this.#message, name);
  }
}
