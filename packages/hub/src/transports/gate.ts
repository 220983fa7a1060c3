// The one gate: every request and every WebSocket handshake passes it before anything is read, and
// there is no other way in. What it refuses it refuses with a `bye` (PROTOCOL.md §10.7).

import { type Bye, CloseCode, type Codec } from "@tidewire/session-protocol";
import type { Admission, OriginFacts } from "../sessions/admission.js";
import { byeOf, type HeaderList, noHeaders } from "./answer.js";
import type { TransportLimits } from "./limits.js";
import { createOriginRule, type OriginRule } from "./origin-rule.js";
import { Places, type Release } from "./places.js";

/** What a request is judged by. */
export interface GateRequest extends OriginFacts {
  readonly method: string;
  /** Who connects, for limits per address. */
  readonly address: string;
}

/** A request that was let in. */
export interface Passed {
  readonly type: "passed";
  readonly origin: string | undefined;
  /** Of the body and of its answer (§10.2); a WebSocket chooses by itself. */
  readonly codec: Codec | undefined;
}

/** One that holds a place among those who have not said enough. */
export interface Waiting extends Passed {
  /** Call it when the hello, or the body, was dealt with. */
  readonly release: Release;
}

export interface Refused {
  readonly type: "refused";
  readonly bye: Bye;
  /** Where it is not the one of the code: 405. */
  readonly status?: number;
}

/** What may be asked for: the WebSocket at the base, and the four endpoints of §10.2. */
export type Endpoint = "websocket" | "sse" | "stream" | "poll" | "send";

export interface GateOptions {
  /** Host names that the hub goes by, with a port if only that one. Default: any. */
  readonly hosts?: readonly string[] | undefined;
}

export class Gate {
  readonly places: Places;
  readonly #admission: Admission;
  readonly #allows: OriginRule;
  readonly #hosts: ReadonlySet<string> | undefined;
  /** Of the latest origin: the pages of a site have one, and what has the same headers shares them. */
  #corsOrigin = "";
  #cors: HeaderList = noHeaders;

  /** @throws {TypeError} when the policy could never do what it says, or allows too much. */
  constructor(admission: Admission, limits: TransportLimits, options: GateOptions = {}) {
    this.#admission = admission;
    this.#allows = createOriginRule(admission.gate);
    if (options.hosts !== undefined && !Array.isArray(options.hosts)) {
      throw new TypeError('hosts must be a list of host names, such as ["example.org"].');
    }
    this.#hosts = options.hosts === undefined ? undefined : new Set(options.hosts.map(assertHost));
    this.places = new Places(admission.gate, limits, () => admission.now());
  }

  /** Host and origin, which count for preflights too. */
  judgeOrigin(request: GateRequest): Refused | undefined {
    if (this.#hosts !== undefined && !this.#serves(request.url)) {
      return refuse(CloseCode.forbidden, "this server does not go by that host: see hosts");
    }
    const origin = originOf(request);
    if (origin !== undefined && !this.#allows(origin, request)) {
      return refuse(CloseCode.forbidden, "pages of this origin may not connect: see origins");
    }
    return undefined;
  }

  /** Everything that can be said before anything is read, in the order of PROTOCOL.md §10. */
  judge(request: GateRequest, endpoint: Endpoint): Waiting | Refused {
    const passed = this.judgeOrigin(request) ?? this.admit(request, endpoint);
    if (passed.type === "refused") return passed;
    const release = this.wait(request);
    return typeof release === "function" ? { ...passed, release } : release;
  }

  /** The same for a request whose host and origin were judged. It holds no place: see `wait`. */
  admit(request: GateRequest, endpoint: Endpoint): Passed | Refused {
    let codec: Codec | undefined;
    if (endpoint !== "websocket") {
      codec = this.#codecOf(request.headers);
      const refused = this.#judgeShape(request, codec);
      if (refused !== undefined) return refused;
    }
    const waitMs = this.places.spend(request.address);
    if (waitMs > 0) return refuse(CloseCode.limited, "too many requests from this address", waitMs);
    // Sessions that exist go on while the hub drains: their polls and POSTs pass.
    const { refusal } = this.#admission;
    const opensOnly = endpoint !== "send" && endpoint !== "poll";
    if (refusal !== undefined && opensOnly) return { type: "refused", bye: refusal };
    if (!this.places.hasRoom(request.address)) return tooManyWait();
    return { type: "passed", origin: originOf(request), codec };
  }

  /** A place for what does not end at once. */
  wait(request: GateRequest): Release | Refused {
    return this.places.take(request.address) ?? tooManyWait();
  }

  #codecOf(headers: OriginFacts["headers"]): Codec | undefined {
    const given = headers.get("content-type") ?? "";
    const { codecs } = this.#admission;
    // As clients of ours write it.
    for (const codec of codecs) if (codec.contentType === given) return codec;
    const [type = ""] = given.split(";");
    const wanted = type.trim().toLowerCase();
    return codecs.find((codec) => codec.contentType === wanted);
  }

  /** For a request that was let in: exactly its origin, or nothing if it has none. */
  cors(request: GateRequest): HeaderList {
    const origin = originOf(request);
    if (origin === undefined) return noHeaders;
    if (origin !== this.#corsOrigin) {
      this.#corsOrigin = origin;
      this.#cors = corsFor(origin, this.#admission.gate.credentials);
    }
    return this.#cors;
  }

  #judgeShape({ method, headers }: GateRequest, codec: Codec | undefined): Refused | undefined {
    if (method !== "POST") {
      return { ...refuse(CloseCode.malformed, "send a POST"), status: 405 };
    }
    if (codec === undefined) {
      const offered = this.#admission.codecs.map((codec) => codec.contentType).join(" or ");
      return refuse(CloseCode.codec, `send Content-Type ${offered}`);
    }
    const { batchBytes } = this.#admission.limits;
    if (Number(headers.get("content-length") ?? 0) > batchBytes) {
      return refuse(CloseCode.tooLarge, `a body above ${batchBytes} bytes (batchBytes)`);
    }
    return undefined;
  }

  #serves(url: string): boolean {
    const host = hostOf(url);
    return this.#hosts!.has(host) || this.#hosts!.has(withoutPort(host));
  }
}

export function refuse(code: number, reason: string, retryMs?: number): Refused {
  return { type: "refused", bye: byeOf(code, reason, retryMs) };
}

function tooManyWait(): Refused {
  return refuse(CloseCode.limited, "too many links without a hello from this address", 1_000);
}

function originOf({ headers }: OriginFacts): string | undefined {
  return headers.get("origin") ?? undefined;
}

function corsFor(origin: string, credentials: boolean): HeaderList {
  const allowed = ["Access-Control-Allow-Origin", origin] as const;
  return credentials ? [allowed, ["Access-Control-Allow-Credentials", "true"]] : [allowed];
}

function hostOf(url: string): string {
  return (/^[a-z]+:\/\/([^/?#]*)/.exec(url)?.[1] ?? "").toLowerCase();
}

function withoutPort(host: string): string {
  const colon = host.lastIndexOf(":");
  return colon > host.lastIndexOf("]") ? host.slice(0, colon) : host;
}

function assertHost(entry: string): string {
  const lower = entry.toLowerCase();
  let url: URL | undefined;
  try {
    url = new URL(`http://${entry}/`);
  } catch {
    // Reported below.
  }
  if (url === undefined || url.hostname !== withoutPort(lower)) {
    throw new TypeError(
      `hosts has ${JSON.stringify(entry)}: write a name or address, such as "example.org" (any port) or "example.org:8080"`,
    );
  }
  return lower;
}
