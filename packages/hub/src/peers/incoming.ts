// How what a peer sent reaches a handler: known name, checked data, middleware, handler, answer.
//
// A failure here is of two kinds. Bad input is the peer's: a failure packet for a request, a cancel
// for a stream, the hook `onRefused` for an event, which has no answer. An error of a handler is the
// program's: the peer sees `internal`, the hook `onError` gets the error.

import type { Event, Request, Stream } from "@tidewire/session-protocol";
import type { Maybe } from "../contract/checker.js";
import type { CallContext } from "../events/handlers.js";
import { after, runOnion } from "../events/middleware.js";
import { FailureError, given } from "../failure.js";
import { HubStream } from "../streams/hub-stream.js";
import type { Handling } from "./handling.js";
import type { PeerSession } from "./peer-session.js";
import type { Refusal } from "./surroundings.js";

export function runEvent(core: PeerSession, packet: Event): Maybe<void> {
  const { checker, handlers } = core.hub;
  const { name } = packet;
  return guarded(
    () => {
      const listeners = handlers.events.get(name);
      const isHeard = listeners !== undefined || handlers.any.length > 0;
      if (!checker.knows("client", name, "event") || !isHeard) throw unknownName("event", name);
      return after(checker.receive("client", name, "data", packet.data), (data) => {
        const context: CallContext = { peer: core.peer, type: "event", name, data };
        return runOnion(handlers.layers, context, () => {
          let work: Maybe<unknown>;
          for (const listen of handlers.any) {
            work = follow(work, () => listen(core.peer, name, data));
          }
          for (const { run } of listeners ?? []) work = follow(work, () => run(core.peer, data));
          return after(work, () => {});
        });
      });
    },
    (error) => failed(core, "event", name, error),
  );
}

export function runRequest(core: PeerSession, packet: Request, handling: Handling): Maybe<void> {
  // Its asker has stopped waiting before its turn came.
  if (handling.isAborted) return;
  const { checker, handlers } = core.hub;
  const { id, name } = packet;
  return guarded(
    () => {
      const handler = handlers.requests.get(name);
      if (handler === undefined || !checker.knows("client", name, "request")) {
        throw unknownName("request", name);
      }
      return after(checker.receive("client", name, "data", packet.data), (data) => {
        const context: CallContext = { peer: core.peer, type: "request", name, data };
        let reply: unknown;
        let isAnswered = false;
        const work = runOnion(handlers.layers, context, () =>
          after(handler.run(core.peer, data, handling), (value) => {
            reply = value;
            isAnswered = true;
          }),
        );
        return after(work, () => {
          if (!isAnswered) throw new FailureError("forbidden", "A middleware did not let it pass.");
          return after(replyOf(core, name, reply), () => {
            core.answer(id, { type: "reply", id, ...given(reply) });
          });
        });
      });
    },
    (error) => {
      failed(core, "request", name, error);
      core.answer(id, FailureError.packet(id, error));
    },
  );
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

function follow(former: Maybe<unknown>, next: () => Maybe<unknown>): Maybe<unknown> {
  return former instanceof Promise ? former.then(next) : next();
}
