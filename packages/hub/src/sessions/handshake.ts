// Who is this? What the program's `authenticate` is asked and answers, with a deadline.

import { type Bye, CloseCode, type Hello } from "@tidewire/session-protocol";
import type { Maybe } from "../contract/checker.js";
import { type Middleware, runOnion } from "../events/middleware.js";
import { RefusedError } from "../failure.js";
import type { LinkFacts, TransportName } from "./admission.js";
import type { Departure } from "./departure.js";

/** What is known of a client that wants a link, or that renews its token. */
export interface Handshake {
  /** Of the hello or the `token` packet; undefined when it gave none. */
  readonly token: string | undefined;
  readonly origin: string | undefined;
  readonly address: string;
  readonly transport: TransportName;
  readonly agent: string | undefined;
  /** Of the request that opened the link. Empty for a renewed token, which comes without a request. */
  readonly url: string;
  /** As `url`; for a renewed token there are none. */
  readonly headers: { get(name: string): string | null };
  /** Aborted when the link is gone or the deadline has passed. */
  readonly signal: AbortSignal;
}

/** What `authenticate` answers. */
export interface Identity<Data = unknown> {
  /** Binds sessions: a session is resumed only by the user that began it. Leave out for a guest. */
  readonly user?: string;
  /** Becomes `peer.data`. */
  readonly data?: Data;
  /** How long from now the token is good, ms; the client is told, and sends another in time. */
  readonly renewMs?: number;
}

/** Throw `RefusedError` to say why; every other error is answered 4401, without its message. */
export type Authenticate<Data = unknown> = (handshake: Handshake) => Maybe<Identity<Data>>;

/** Middleware around `authenticate`: before `next`, and after it with the identity that it gave. */
export interface ConnectContext {
  readonly handshake: Handshake;
  identity: Identity | undefined;
}

export interface AuthenticatorOptions {
  readonly authenticate: Authenticate | undefined;
  readonly layers: readonly Middleware<ConnectContext>[];
  readonly timeoutMs: number;
  after(ms: number, run: () => void): () => void;
  failed(error: unknown): void;
}

export type LinkRequest = Pick<
  LinkFacts,
  "origin" | "address" | "transport" | "url" | "headers" | "signal"
> &
  Pick<Hello, "token" | "agent">;

/** The identity, or the bye that refuses. Never rejects; synchronous when nothing is to be awaited. */
export function identify(
  request: LinkRequest,
  options: AuthenticatorOptions,
): Maybe<Identity | Bye> {
  const { authenticate, layers } = options;
  if (isOpenToAll(options)) return {};
  const controller = new AbortController();
  const handshake: Handshake = {
    token: request.token,
    origin: request.origin,
    address: request.address,
    transport: request.transport,
    agent: request.agent,
    url: request.url,
    headers: request.headers,
    signal: controller.signal,
  };
  const context: ConnectContext = { handshake, identity: undefined };
  let work: Maybe<void>;
  try {
    work = runOnion(layers, context, async () => {
      context.identity = authenticate === undefined ? {} : known(await authenticate(handshake));
    });
  } catch (error) {
    return refusal(error, options);
  }
  return deadline(Promise.resolve(work), request.signal, controller, options).then(
    (late) => late ?? checkIdentity(context.identity, options),
    (error: unknown) => refusal(error, options),
  );
}

/** Nobody is asked who it is. */
export function isOpenToAll({ authenticate, layers }: AuthenticatorOptions): boolean {
  return authenticate === undefined && layers.length === 0;
}

/** Waits for the work, the deadline or the end of the link, whichever is first. */
function deadline(
  work: Promise<void>,
  signal: Departure | undefined,
  controller: AbortController,
  options: AuthenticatorOptions,
): Promise<Bye | undefined> {
  return new Promise((resolve, reject) => {
    const give = (reason: string): void => {
      finish();
      controller.abort(new Error(reason));
      resolve({ type: "bye", code: CloseCode.helloTimeout, reason });
    };
    const gone = (): void => give("the link is gone");
    const cancel = options.after(options.timeoutMs, () => give("authentication took too long"));
    const finish = (): void => {
      cancel();
      signal?.removeEventListener("abort", gone);
    };
    signal?.addEventListener("abort", gone);
    work.then(
      () => {
        finish();
        resolve(undefined);
      },
      (error: unknown) => {
        finish();
        reject(error);
      },
    );
    if (signal?.aborted) gone();
  });
}

/** A look-up that found nobody must not let a guest in: guests are `{}`. */
function known(identity: unknown): Identity {
  if (typeof identity === "object" && identity !== null) return identity;
  const found = identity === null ? "null" : `a value of type ${typeof identity}`;
  throw new TypeError(
    `authenticate answered ${found}: answer an object, {} for a guest, or throw.`,
  );
}

function refusal(error: unknown, options: AuthenticatorOptions): Bye {
  if (error instanceof RefusedError) return error.bye;
  options.failed(error);
  return { type: "bye", code: CloseCode.unauthorised, reason: "not authenticated" };
}

function checkIdentity(
  identity: Identity | undefined,
  options: AuthenticatorOptions,
): Identity | Bye {
  if (identity === undefined) {
    const reason = "a connect middleware did not let it pass";
    return { type: "bye", code: CloseCode.forbidden, reason };
  }
  const { user, renewMs } = identity;
  const isRight =
    (user === undefined || typeof user === "string") &&
    (renewMs === undefined || (renewMs >= 0 && renewMs <= Number.MAX_SAFE_INTEGER));
  if (!isRight) {
    const found = `user: ${typeof user}, renewMs: ${String(renewMs)}`;
    options.failed(new TypeError(`authenticate answered ${found}: a string, and a number of ms.`));
    return { type: "bye", code: CloseCode.internal, reason: "" };
  }
  // The wire has whole numbers only (§4.1).
  return renewMs === undefined ? identity : { ...identity, renewMs: Math.floor(renewMs) };
}
