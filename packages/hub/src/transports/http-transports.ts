// The HTTP transports (PROTOCOL.md §10.2–§10.7): one core for all hosts, from a request to its answer.
// Every request gets an answer: what cannot be understood is told so, and a failure of ours is 4005.

import {
  type Batch,
  type Bye,
  CloseCode,
  type Codec,
  type Encoded,
  type Hello,
  type ServerLink,
} from "@tidewire/session-protocol";
import { frameAck } from "../codecs.js";
import type { Admission, Found } from "../sessions/admission.js";
import type { Departure } from "../sessions/departure.js";
import {
  type Answer,
  byeOf,
  type HeaderList,
  lastWord,
  noHeaders,
  open,
  packets,
  preflight,
  refusal,
  statusOf,
} from "./answer.js";
import { applyBatch, openBody } from "./batch.js";
import { type ReadBody, readBody, wholeBody } from "./body.js";
import { type Carrier, Carriers } from "./carrier.js";
import type { Exchange } from "./exchange.js";
import { Farewells } from "./farewells.js";
import { Gate, type GateOptions } from "./gate.js";
import { resolveTransportLimits, type TransportLimits } from "./limits.js";
import { type Framing, OpenResponse, sseFraming, streamFraming } from "./open-response.js";
import { type PollHouse, PollPort } from "./poll-port.js";
import { framedFor, Turn } from "./turn.js";
import { type HttpEndpoint, Visit } from "./visit.js";

export interface TransportOptions extends GateOptions {
  /** Where the hub is, without a slash at the end. Default `/tidewire`. */
  readonly path?: string | undefined;
  readonly limits?: Partial<TransportLimits> | undefined;
  /**
   * Errors of the program's own functions (`origins`, `authenticate`) and of ours; the client sees
   * 4005 without details. Default: a process warning, or `console.error` where there is none.
   */
  readonly failed?: ((error: unknown) => void) | undefined;
}

export const transportOptionKinds: Readonly<Record<keyof TransportOptions, readonly string[]>> = {
  path: ["string"],
  limits: ["object"],
  failed: ["function"],
  hosts: ["object"],
};

export const endpoints: readonly HttpEndpoint[] = ["sse", "stream", "poll", "send"];

/** Undefined: the request waits in its link, which answers it. */
type Told = Answer | undefined;
type Outcome = Told | Promise<Told>;

export class HttpTransports {
  readonly path: string;
  readonly gate: Gate;
  readonly carriers: Carriers = new Carriers();
  readonly limits: TransportLimits;
  readonly failed: (error: unknown) => void;
  readonly #admission: Admission;
  /** By path. */
  readonly #endpoints: ReadonlyMap<string, HttpEndpoint>;
  readonly #pathPrefix: string;
  readonly #sse: Framing = sseFraming();
  readonly #streams: ReadonlyMap<Codec, Framing>;
  readonly #polls: PollHouse;
  #closed: Bye | undefined;

  /**
   * @throws {TypeError} when the path or the policy of the gate could never do what it says.
   * @throws {RangeError} for a limit that is not a whole number of at least 1.
   */
  constructor(admission: Admission, options: TransportOptions) {
    this.path = assertPath(options.path ?? "/tidewire");
    this.#pathPrefix = `${this.path}/`;
    this.#endpoints = new Map(endpoints.map((name) => [this.#pathPrefix + name, name]));
    this.limits = resolveTransportLimits(options.limits);
    this.gate = new Gate(admission, this.limits, options);
    this.failed = options.failed ?? reportError;
    this.#admission = admission;
    const { codecs } = admission;
    this.#streams = new Map(codecs.map((codec) => [codec, streamFraming(codec)]));
    this.#polls = {
      admission,
      limits: this.limits,
      carriers: this.carriers,
      farewells: new Farewells(admission, this.limits),
      framed: framedFor(codecs),
      turn: new Turn(),
    };
  }

  /** Whether a request to this path (without the query) is for the hub. */
  takes(pathname: string): boolean {
    return pathname.startsWith(this.#pathPrefix) || pathname === this.path;
  }

  /** Ends all links with this `bye`; their sessions live on. What comes afterwards is answered 4503. */
  close(bye: Bye = byeOf(CloseCode.draining, "the server closes", 1_000)): void {
    this.#closed = bye;
    this.carriers.leave(bye, this.#admission.now());
  }

  /** Answers a request, at once or later; never throws. */
  take(exchange: Exchange): void {
    let cors: HeaderList = noHeaders;
    const isHeld = this.#admission.hold();
    try {
      const foreign = this.gate.judgeOrigin(exchange);
      if (foreign === undefined) cors = this.gate.cors(exchange);
      const outcome = this.#enter(exchange, cors, foreign?.bye);
      if (outcome instanceof Promise) this.#settle(exchange, cors, outcome);
      else if (outcome !== undefined) exchange.respond(outcome);
    } catch (error) {
      exchange.respond(this.#broken(error, cors));
    } finally {
      if (isHeld) this.#admission.release();
    }
  }

  #settle(exchange: Exchange, cors: HeaderList, outcome: Promise<Told>): void {
    outcome
      .catch((error: unknown) => this.#broken(error, cors))
      .then((answer) => {
        if (answer !== undefined) exchange.respond(answer);
      });
  }

  #broken(error: unknown, cors: HeaderList): Answer {
    this.failed(error);
    return refusal(byeOf(CloseCode.internal, "the server failed"), cors);
  }

  #enter(exchange: Exchange, cors: HeaderList, foreign: Bye | undefined): Outcome {
    if (this.#closed !== undefined) return refusal(this.#closed, cors);
    const endpoint = this.#endpoints.get(exchange.pathname);
    if (endpoint === undefined) {
      return refusal(byeOf(CloseCode.unknownSession, "there is nothing at this path"), cors);
    }
    if (exchange.method === "OPTIONS" && foreign === undefined) return preflight(cors);
    if (foreign !== undefined) return refusal(foreign, cors);
    const passed = this.gate.admit(exchange, endpoint);
    if (passed.type === "refused") return refusal(passed.bye, cors, passed.status);
    return this.#read(new Visit(exchange, endpoint, passed.codec!, cors, passed.origin));
  }

  /** Holds a place among those who have not said enough, for as long as `work` takes. */
  #wait({ exchange, cors }: Visit, work: () => Promise<Told>): Outcome {
    const release = this.gate.wait(exchange);
    if (typeof release !== "function") return refusal(release.bye, cors);
    return work().finally(release);
  }

  #read(visit: Visit): Outcome {
    const { endpoint, codec, cors, exchange } = visit;
    if (endpoint === "sse" && codec.binary) {
      return refusal(byeOf(CloseCode.codec, "event streams are text: send JSON"), cors);
    }
    const { body } = exchange;
    const bytesMax = opensOnly(endpoint)
      ? this.limits.helloBytes
      : this.#admission.limits.batchBytes;
    if (body === null || body instanceof Uint8Array) {
      return this.#understand(visit, wholeBody(body, codec, bytesMax), false);
    }
    const timeMs = opensOnly(endpoint) ? this.#admission.gate.helloMs : this.limits.bodyMs;
    const rules = { codec, bytesMax, timeMs, signal: exchange.signal };
    return this.#wait(visit, async () =>
      this.#understand(visit, await readBody(body, rules, this.#admission), true),
    );
  }

  #understand(visit: Visit, read: ReadBody | Bye, isWaiting: boolean): Outcome {
    const { endpoint, codec, cors } = visit;
    if (read.type === "bye") return refusal(read, cors);
    const opened = openBody(read.body, codec, this.#admission.limits);
    if (opened.type === "bye") return refusal(opened, cors);
    const { first, rest } = opened;
    if (first.type === "hello") {
      if (endpoint === "send") return refusal(malformed("a hello does not go to /send"), cors);
      if (read.bytes > this.limits.helloBytes) {
        return refusal(byeOf(CloseCode.tooLarge, "a hello is not that long"), cors);
      }
      const opened = (): Promise<Answer> =>
        endpoint === "poll" ? this.#openPolls(visit, first) : this.#openResponse(visit, first);
      return isWaiting ? opened() : this.#wait(visit, opened);
    }
    if (opensOnly(endpoint)) {
      return refusal(malformed(`a batch does not go to /${endpoint}`), cors);
    }
    return this.#apply(visit, first, rest, read.bytes);
  }

  // ── Links that open ──────────────────────────────────────────────────────────────────────────

  async #openResponse(visit: Visit, hello: Hello): Promise<Answer> {
    const { cors, codec, endpoint } = visit;
    const framing = endpoint === "sse" ? this.#sse : this.#streams.get(codec)!;
    const port = new OpenResponse(framing, this.#polls);
    const link = await this.#admit(hello, port, visit);
    if ("type" in link) return refusal(link, cors);
    return open(port, cors);
  }

  async #openPolls(visit: Visit, hello: Hello): Promise<Answer> {
    const { cors, codec, signal } = visit;
    const port = new PollPort(codec, this.#polls);
    if (hello.session !== undefined && hello.secret !== undefined) {
      port.identify(hello.session, hello.secret);
    }
    const body = new Promise<Encoded>((answer) => {
      port.park(this.#admission.limits.pollMs, { signal, answer });
    });
    const link = await this.#admit(hello, port, visit);
    if (!("type" in link)) return packets(await body, codec.contentType, cors);
    port.flush();
    return refusal(link, cors);
  }

  async #admit(
    hello: Hello,
    port: OpenResponse | PollPort,
    visit: Visit,
  ): Promise<ServerLink | Bye> {
    const answer = await this.#admission.open(hello, port, visit);
    if ("type" in answer) return answer;
    port.attach(answer);
    if (port instanceof OpenResponse) watchSignal(visit.signal, port);
    return answer;
  }

  // ── Bodies for links that are open ───────────────────────────────────────────────────────────

  #apply(visit: Visit, batch: Batch, rest: readonly Encoded[], bytes: number): Outcome {
    const { cors, codec } = visit;
    const isPoll = visit.endpoint === "poll";
    if (isPoll && batch.received === undefined) {
      return refusal(malformed("batch.received is required in a poll"), cors);
    }
    // Only its `waitMs` tells a short poll from a long one.
    if (isPoll && batch.waitMs === 0) visit.transport = "polling";
    const found = this.#admission.find(batch, visit);
    if ("type" in found) {
      const farewell = isPoll ? this.#polls.farewells.take(batch) : undefined;
      return refusal(farewell ?? found, cors, statusOf(found.code));
    }
    const { link } = found;
    const { port } = link;
    const isOwn = port instanceof PollPort || (!isPoll && port instanceof OpenResponse);
    if (!isOwn) return refusal(byeOf(CloseCode.stale, "that link is of another kind"), cors);
    if (isPoll && port.codec !== codec) {
      return refusal(byeOf(CloseCode.codec, "the link was opened with another codec"), cors);
    }
    this.#admission.arrived(link, bytes);
    const { received } = batch;
    visit.session = found.session;
    const mayCarry = !isPoll && received !== undefined && port.codec === codec;
    const carries = mayCarry && port.post(received, visit);
    applyBatch(link, batch, rest, codec, this.#admission);
    if (carries) return undefined;
    if (!isPoll) return this.#acknowledge(found, codec, cors);
    this.#poll(link, port as PollPort, batch, visit);
    return undefined;
  }

  /** `POST {base}/send` (§10.4): the count, or why the link is over. */
  #acknowledge({ link, session }: Found, codec: Codec, cors: HeaderList): Answer {
    if (!link.over) {
      return packets(frameAck(session.takeAck(), codec), codec.contentType, cors);
    }
    const end = (link.port as Carrier).end ?? byeOf(CloseCode.stale, "the link is over");
    return lastWord(end, codec, cors);
  }

  /** `POST {base}/poll` (§10.5). */
  #poll(link: ServerLink, port: PollPort, batch: Batch, visit: Visit): void {
    const { pollMs } = this.#admission.limits;
    const waitMs = Math.min(batch.waitMs ?? pollMs, pollMs);
    port.identify(batch.session, batch.secret);
    port.park(waitMs, visit);
    const goesOn = link.rewind(batch.received!, this.#admission.now());
    if (!goesOn || waitMs === 0) port.flush();
  }
}

/** Only a hello goes there. */
function opensOnly(endpoint: HttpEndpoint): boolean {
  return endpoint === "sse" || endpoint === "stream";
}

function watchSignal(signal: Departure, port: OpenResponse): void {
  if (signal.aborted) port.lost();
  else signal.addEventListener("abort", () => port.lost(), { once: true });
}

function malformed(reason: string): Bye {
  return byeOf(CloseCode.malformed, reason);
}

function assertPath(path: string): string {
  if (path.startsWith("/") && !/[?#\s]/.test(path) && (path === "/" || !path.endsWith("/"))) {
    return path === "/" ? "" : path;
  }
  throw new TypeError(
    `path must begin with a slash, end without one and have no query, such as "/tidewire"; it is ${JSON.stringify(path)}`,
  );
}

function reportError(error: unknown): void {
  if (typeof process === "object")
    process.emitWarning(error instanceof Error ? error : String(error));
  else console.error(error);
}
