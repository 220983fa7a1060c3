// The HTTP transports (PROTOCOL.md §10.2–§10.7) as one function from a web `Request` to a `Response`.
// Every request gets an answer: what cannot be understood is told so, and a failure of ours is 4005.

import {
  type Batch,
  type Bye,
  CloseCode,
  type Codec,
  type Encoded,
  frame,
  type Hello,
  type Link,
} from "@tidewire/session-protocol";
import { checkOptions, shown } from "../check-options.js";
import type { Admission, Found, LinkFacts, TransportName } from "../sessions/admission.js";
import type { Departure } from "../sessions/departure.js";
import {
  type Answer,
  byeOf,
  type HeaderList,
  open,
  packets,
  preflight,
  refusal,
  statusOf,
} from "./answer.js";
import { applyBatch, openBody } from "./batch.js";
import { type Body, readBody } from "./body.js";
import { type Carrier, Carriers } from "./carrier.js";
import { Farewells } from "./farewells.js";
import { type Endpoint, Gate, type GateOptions } from "./gate.js";
import { resolveTransportLimits, type TransportLimits } from "./limits.js";
import { type Framing, OpenResponse, sseFraming, streamFraming } from "./open-response.js";
import { framedFor, type PollHouse, PollPort } from "./poll-port.js";

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

export type HubLike = Admission | { readonly admission: Admission };

/** What of a `Request` is used; a web `Request` is one. */
export interface HubRequest {
  readonly method: string;
  /** Absolute, as the client sees it: its host is compared with the origin. */
  readonly url: string;
  readonly headers: { get(name: string): string | null };
  readonly body: Body;
  /** Aborted when the client is gone. */
  readonly signal: Departure;
}

/** What a `Request` does not tell. */
export interface ConnectionFacts {
  /** The client's IP address, or what a trusted proxy says of it; limits per address go by it. */
  readonly address: string;
}

/** The HTTP transports of one hub. */
export interface FetchHandler {
  /** Answers a request; never rejects. */
  (request: HubRequest, facts: ConnectionFacts): Promise<Response>;
  /** The same as a plain value, for a host that writes answers itself. */
  answer(request: HubRequest, facts: ConnectionFacts): Promise<Answer>;
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
  const handle = async (request: HubRequest, facts: ConnectionFacts): Promise<Response> =>
    toResponse(await transports.handle(request, facts));
  return Object.assign(handle, {
    answer: (request: HubRequest, facts: ConnectionFacts) => transports.handle(request, facts),
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

/** A request on its way from the gate to its answer. */
interface Visit {
  readonly request: HubRequest;
  readonly codec: Codec;
  readonly cors: HeaderList;
  readonly facts: Omit<LinkFacts, "transport">;
}

class HttpTransports {
  readonly path: string;
  readonly gate: Gate;
  readonly carriers: Carriers = new Carriers();
  readonly limits: TransportLimits;
  readonly failed: (error: unknown) => void;
  readonly #admission: Admission;
  readonly #sse: Framing = sseFraming();
  readonly #streams: ReadonlyMap<Codec, Framing>;
  readonly #polls: PollHouse;
  #closed: Bye | undefined;

  constructor(admission: Admission, options: TransportOptions) {
    this.path = assertPath(options.path ?? "/tidewire");
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
    };
  }

  takes(pathname: string): boolean {
    return pathname === this.path || pathname.startsWith(`${this.path}/`);
  }

  close(bye: Bye = byeOf(CloseCode.draining, "the server closes", 1_000)): void {
    this.#closed = bye;
    this.carriers.leave(bye, this.#admission.now());
  }

  async handle(request: HubRequest, { address }: ConnectionFacts): Promise<Answer> {
    let cors: HeaderList = [];
    try {
      const { method, url, headers } = request;
      const asked = { method, url, headers, address };
      cors = this.gate.cors(asked);
      if (this.#closed !== undefined) return refusal(this.#closed, cors);
      const endpoint = endpointOf(url, this.path);
      if (endpoint === undefined) {
        return refusal(byeOf(CloseCode.unknownSession, "there is nothing at this path"), cors);
      }
      if (method === "OPTIONS") {
        const foreign = this.gate.judgeOrigin(asked);
        return foreign === undefined ? preflight(cors) : refusal(foreign.bye, []);
      }
      const passed = this.gate.judge(asked, endpoint);
      if (passed.type === "refused") return refusal(passed.bye, cors, passed.status);
      try {
        const codec = this.gate.codecOf(headers)!;
        const { origin } = passed;
        const facts = { origin, address, url, headers, signal: request.signal };
        return await this.#enter({ request, codec, cors, facts }, endpoint, passed.release);
      } finally {
        passed.release();
      }
    } catch (error) {
      this.failed(error);
      return refusal(byeOf(CloseCode.internal, "the server failed"), cors);
    }
  }

  async #enter(visit: Visit, endpoint: HttpEndpoint, release: () => void): Promise<Answer> {
    const { request, codec, cors } = visit;
    const { limits } = this.#admission;
    if (endpoint === "sse" && codec.binary) {
      return refusal(byeOf(CloseCode.codec, "event streams are text: send JSON"), cors);
    }
    const opensOnly = endpoint === "sse" || endpoint === "stream";
    const read = await readBody(
      request.body,
      {
        codec,
        bytesMax: opensOnly ? this.limits.helloBytes : limits.batchBytes,
        timeMs: opensOnly ? this.#admission.gate.helloMs : this.limits.bodyMs,
        signal: request.signal,
      },
      this.#admission,
    );
    if (read.type === "bye") return refusal(read, cors);
    const opened = openBody(read.body, codec, limits);
    if (opened.type === "bye") return refusal(opened, cors);
    const { first, rest } = opened;
    if (first.type === "hello") {
      if (endpoint === "send") return refusal(malformed("a hello does not go to /send"), cors);
      if (read.bytes > this.limits.helloBytes) {
        return refusal(byeOf(CloseCode.tooLarge, "a hello is not that long"), cors);
      }
      return endpoint === "poll"
        ? this.#openPolls(visit, first)
        : this.#openResponse(visit, first, endpoint);
    }
    if (opensOnly) return refusal(malformed(`a batch does not go to /${endpoint}`), cors);
    return this.#applied(visit, { batch: first, rest, bytes: read.bytes }, endpoint, release);
  }

  // ── Links that open ──────────────────────────────────────────────────────────────────────────

  async #openResponse(visit: Visit, hello: Hello, kind: "sse" | "stream"): Promise<Answer> {
    const { cors, codec } = visit;
    const framing = kind === "sse" ? this.#sse : this.#streams.get(codec)!;
    const port = new OpenResponse(framing, this.#admission, this.limits, this.carriers);
    const link = await this.#admit(hello, port, visit, kind);
    if ("type" in link) return refusal(link, cors);
    return open(port, cors);
  }

  async #openPolls(visit: Visit, hello: Hello): Promise<Answer> {
    const { cors, codec, request } = visit;
    const port = new PollPort(codec, this.#polls);
    if (hello.session !== undefined && hello.secret !== undefined) {
      port.identify(hello.session, hello.secret);
    }
    const answer = port.park(this.#admission.limits.pollMs, request.signal);
    const link = await this.#admit(hello, port, visit, "long-polling");
    if (!("type" in link)) return packets(await answer, codec.contentType, cors);
    port.flush();
    return refusal(link, cors);
  }

  async #admit(
    hello: Hello,
    port: OpenResponse | PollPort,
    { facts }: Visit,
    transport: TransportName,
  ): Promise<Link | Bye> {
    const answer = await this.#admission.open(hello, port, { ...facts, transport });
    if ("type" in answer) return answer;
    port.attach(answer);
    if (port instanceof OpenResponse) watchSignal(facts.signal!, port);
    return answer;
  }

  // ── Bodies for links that are open ───────────────────────────────────────────────────────────

  async #applied(
    visit: Visit,
    body: { batch: Batch; rest: readonly Encoded[]; bytes: number },
    endpoint: HttpEndpoint,
    release: () => void,
  ): Promise<Answer> {
    const { cors, codec, facts } = visit;
    const { batch, rest, bytes } = body;
    const isPoll = endpoint === "poll";
    if (isPoll && batch.received === undefined) {
      return refusal(malformed("batch.received is required in a poll"), cors);
    }
    const found = this.#admission.find(batch, { ...facts, transport: kindOf(batch, isPoll) });
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
    const { limits } = this.#admission;
    applyBatch(link, batch, rest, codec, limits, () => this.#admission.now());
    if (!isPoll) return this.#acknowledge(found, codec, cors);
    release();
    const answer = this.#poll(link, port as PollPort, batch, facts.signal!);
    return packets(await answer, codec.contentType, cors);
  }

  /** `POST {base}/send` (§10.4): the count, or why the link is over. */
  #acknowledge({ link, session }: Found, codec: Codec, cors: HeaderList): Answer {
    if (!link.over) {
      const ack = codec.encode({ type: "ack", count: session.takeAck() });
      return packets(frame(ack), codec.contentType, cors);
    }
    const end = (link.port as Carrier).end ?? byeOf(CloseCode.stale, "the link is over");
    // A client that said goodbye is answered, not blamed.
    if (statusOf(end.code) < 500 && end.code >= 4400) return refusal(end, cors);
    return packets(frame(codec.encode(end)), codec.contentType, cors);
  }

  /** `POST {base}/poll` (§10.5). */
  #poll(link: Link, port: PollPort, batch: Batch, signal: Departure): Promise<Encoded> {
    const { pollMs } = this.#admission.limits;
    const waitMs = Math.min(batch.waitMs ?? pollMs, pollMs);
    port.identify(batch.session, batch.secret);
    const answer = port.park(waitMs, signal);
    const goesOn = link.rewind(batch.received!, this.#admission.now());
    if (!goesOn || waitMs === 0) port.flush();
    return answer;
  }
}

type HttpEndpoint = Exclude<Endpoint, "websocket">;

export const endpoints: readonly HttpEndpoint[] = ["sse", "stream", "poll", "send"];

function endpointOf(url: string, base: string): HttpEndpoint | undefined {
  const pathname = /^[a-z]+:\/\/[^/?#]*([^?#]*)/.exec(url)?.[1] ?? "";
  if (!pathname.startsWith(`${base}/`)) return undefined;
  return endpoints.find((endpoint) => endpoint === pathname.slice(base.length + 1));
}

function toResponse({ status, headers, body }: Answer): Response {
  const given = body instanceof OpenResponse ? body.toStream() : body;
  return new Response(given as string | Uint8Array<ArrayBuffer> | null, {
    status,
    headers: headers as [string, string][],
  });
}

function watchSignal(signal: Departure, port: OpenResponse): void {
  if (signal.aborted) port.lost();
  else signal.addEventListener("abort", () => port.lost(), { once: true });
}

/** Only its `waitMs` tells a short poll from a long one. A POST is part of an open response, or of either. */
function kindOf({ waitMs }: Batch, isPoll: boolean): TransportName {
  if (!isPoll) return "stream";
  return waitMs === 0 ? "polling" : "long-polling";
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
