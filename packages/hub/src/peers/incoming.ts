// How what a peer sent reaches a handler: known name, checked data, middleware, handler, answer.
//
// A failure here is of two kinds. Bad input is the peer's: a failure packet for a request, a cancel
// for a stream, the hook `onRefused` for an event, which has no answer. An error of a handler is the
// program's: the peer sees `internal`, the hook `onError` gets the error.

import type { Event, Reply, Request, Stream } from "@tidewire/session-protocol";
import type { Maybe } from "../contract/checker.js";
import type { CallContext, EventHandler, Registered, RequestHandler } from "../events/handlers.js";
import { after, runOnion } from "../events/middleware.js";
import { FailureError } from "../failure.js";
import { HubStream } from "../streams/hub-stream.js";
import type { Handling } from "./handling.js";
import type { PeerSession } from "./peer-session.js";
import type { Refusal } from "./surroundings.js";

// Most handlers answer at once, most hubs have no middleware: on that way nothing is made per call.

export function runEvent(core: PeerSession, packet: Event): Maybe<void> {
  try {
    const work = handleEvent(core, packet);
    if (!(work instanceof Promise)) return;
    return work.catch((error: unknown) => failed(core, "event", packet.name, error));
  } catch (error) {
    failed(core, "event", packet.name, error);
  }
}

function handleEvent(core: PeerSession, { name, data }: Event): Maybe<void> {
  const { checker, handlers } = core.hub;
  const listeners = handlers.events.get(name)?.list ?? none;
  const isHeard = listeners !== none || handlers.any.length > 0;
  if (!isHeard || !checker.knows("client", name, "event")) throw unknownName("event", name);
  const checked = checker.receive("client", name, "data", data);
  return checked instanceof Promise
    ? checked.then((value) => passEvent(core, listeners, name, value))
    : passEvent(core, listeners, name, checked);
}

function passEvent(
  core: PeerSession,
  listeners: readonly Registered<EventHandler>[],
  name: string,
  data: unknown,
): Maybe<void> {
  const { layers } = core.hub.handlers;
  if (layers.length === 0) return tellListeners(core, listeners, name, data);
  const context: CallContext = { peer: core.peer, type: "event", name, data };
  return runOnion(layers, context, () => tellListeners(core, listeners, name, data));
}

function tellListeners(
  { hub, peer }: PeerSession,
  listeners: readonly Registered<EventHandler>[],
  name: string,
  data: unknown,
): Maybe<void> {
  let work: unknown;
  for (const listen of hub.handlers.any) {
    work =
      work instanceof Promise
        ? work.then(() => listen(peer, name, data))
        : listen(peer, name, data);
  }
  for (const { run } of listeners) {
    work = work instanceof Promise ? work.then(() => run(peer, data)) : run(peer, data);
  }
  return work instanceof Promise ? work : undefined;
}

const none: readonly Registered<EventHandler>[] = [];

export function runRequest(core: PeerSession, packet: Request, handling: Handling): Maybe<void> {
  // Its asker has stopped waiting before its turn came.
  if (handling.isAborted) return;
  try {
    const work = handleRequest(core, packet, handling);
    if (!(work instanceof Promise)) return;
    return work.catch((error: unknown) => failRequest(core, handling, error));
  } catch (error) {
    failRequest(core, handling, error);
  }
}

function handleRequest(
  core: PeerSession,
  { name, data }: Request,
  handling: Handling,
): Maybe<void> {
  const { checker, handlers } = core.hub;
  const handler = handlers.requests.get(name);
  if (handler === undefined || !checker.knows("client", name, "request")) {
    throw unknownName("request", name);
  }
  const checked = checker.receive("client", name, "data", data);
  return checked instanceof Promise
    ? checked.then((value) => passRequest(core, handler, handling, value))
    : passRequest(core, handler, handling, checked);
}

function passRequest(
  core: PeerSession,
  handler: Registered<RequestHandler>,
  handling: Handling,
  data: unknown,
): Maybe<void> {
  const { layers } = core.hub.handlers;
  if (layers.length === 0) {
    const reply = handler.run(core.peer, data, handling);
    return reply instanceof Promise
      ? reply.then((value) => answer(core, handling, value))
      : answer(core, handling, reply);
  }
  const context: CallContext = { peer: core.peer, type: "request", name: handling.name, data };
  let reply: unknown;
  let isAnswered = false;
  const work = runOnion(layers, context, () =>
    after(handler.run(core.peer, data, handling), (value) => {
      reply = value;
      isAnswered = true;
    }),
  );
  return after(work, () => {
    if (!isAnswered) throw new FailureError("forbidden", "A middleware did not let it pass.");
    return answer(core, handling, reply);
  });
}

function answer(core: PeerSession, handling: Handling, reply: unknown): Maybe<void> {
  const packet: Reply = { type: "reply", id: handling.id, data: reply };
  const checked = replyOf(core, handling.name, reply);
  if (checked instanceof Promise) return checked.then(() => core.answer(handling, packet));
  core.answer(handling, packet);
}

function failRequest(core: PeerSession, handling: Handling, error: unknown): void {
  failed(core, "request", handling.name, error);
  core.answer(handling, FailureError.packet(handling.id, error));
}

export function runStream(core: PeerSession, opened: Stream, first: unknown): Maybe<void> {
  if (opened.isOver) return;
  const { checker, handlers } = core.hub;
  const { name } = opened;
  let stream: HubStream | undefined;
  return guarded(
    () => {
      const handler = handlers.streams.get(name);
      if (handler === undefined || !checker.knowsStream(name)) throw unknownName("stream", name);
      return after(checker.receiveStream(name, "data", first), (data) => {
        const context: CallContext = { peer: core.peer, type: "stream", name, data };
        return runOnion(handlers.layers, context, () => {
          const accepted = new HubStream(opened, core.streamHost(name), true);
          stream = accepted;
          opened.accept(accepted.handler());
          return after(handler(core.peer, accepted, data), (result) => accepted.finish(result));
        });
      });
    },
    (error) => {
      failed(core, "stream", name, error);
      const { code, message } = FailureError.packet(0, error);
      if (stream === undefined) opened.cancel(code, message);
      else stream.cancel(code, message);
    },
  );
}

/** A reply that the contract refuses is the program's fault, not the asker's. */
function replyOf(core: PeerSession, name: string, reply: unknown): Maybe<unknown> {
  const blame = (error: unknown): never => {
    throw new Error(`The reply to ${name} breaks the contract.`, { cause: error });
  };
  try {
    const checked = core.hub.checker.reply("client", name, reply);
    return checked instanceof Promise ? checked.catch(blame) : checked;
  } catch (error) {
    return blame(error);
  }
}

function failed(core: PeerSession, type: Refusal["type"], name: string, error: unknown): void {
  if (!(error instanceof FailureError)) {
    core.hub.count("hub.handlers.failed", 1, type);
    core.hub.failed(error, `${type} ${name}`, core);
    return;
  }
  core.hub.count("hub.refused", 1, knownCodes.has(error.code) ? error.code : "other");
  core.hub.refused(core, { type, name, code: error.code, message: error.message });
}

const knownCodes: ReadonlySet<string> = new Set([
  "unknown-name",
  "invalid",
  "forbidden",
  "busy",
  "too-large",
  "lost",
  "aborted",
]);

function unknownName(kind: string, name: string): FailureError {
  return new FailureError("unknown-name", `There is no ${kind} ${JSON.stringify(name)} here.`);
}

/** Runs work whose errors end in `fail`, whether it is synchronous or not. */
function guarded(work: () => Maybe<void>, fail: (error: unknown) => void): Maybe<void> {
  try {
    const result = work();
    return result instanceof Promise ? result.catch(fail) : result;
  } catch (error) {
    fail(error);
  }
}
