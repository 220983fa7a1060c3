// The operations page's side of the hub: who may see it, and what they see and do.
import {
  FailureError,
  type Peer,
  type ReceivedData,
  type RequestName,
  type SentReply,
} from "@tidewire/hub";
import type { ShowcaseContract } from "../../../shared/contract.js";
import type { PageServer, PageServices, ShowcaseHub } from "../../hub/create-hub.js";
import { CallMonitor } from "./call-monitor.js";
import { Measure } from "./measure.js";
import { NodeDrain } from "./node-drain.js";
import { OperationsToken } from "./operations-token.js";
import { ProcessGauge } from "./process-gauge.js";
import { Sampler } from "./sampler.js";
import { detailsOf } from "./session-facts.js";
import { findSessions } from "./session-list.js";
import { WrongTokens } from "./wrong-tokens.js";

type ShowcasePeer = Peer<ShowcaseContract>;
type OperationsRequest = Extract<RequestName<ShowcaseContract, "client">, `operations.${string}`>;
type Received<Name extends OperationsRequest> = ReceivedData<ShowcaseContract, "client", Name>;
type Reply<Name extends OperationsRequest> = SentReply<ShowcaseContract, "client", Name>;

/** Only those who showed the token are ever in it. */
const room = "operations";

/** What the client of a session that is ended here is told. */
export const disconnectReason = "Whoever runs this server has ended this session.";

export function registerOperations(
  hub: ShowcaseHub,
  { counters, operationsToken }: PageServices,
): PageServer {
  const token = new OperationsToken(operationsToken);
  const wrong = new WrongTokens();
  const operators = new Set<ShowcasePeer>();
  const calls = new CallMonitor(hub);
  const gauge = new ProcessGauge();
  const measure = new Measure({ hub, counters, calls, gauge });
  const drain = new NodeDrain(hub);
  const draining = () => {
    const { progress } = drain;
    return progress && { drain: progress };
  };
  const sampler = new Sampler(
    () => measure.take(),
    (sample) => hub.to(room).volatile.emit("operations.sample", { sample, ...draining() }),
  );

  /** Every request but the first goes through here. */
  const handle = <Name extends OperationsRequest>(
    name: Name,
    run: (peer: ShowcasePeer, data: Received<Name>) => Reply<Name>,
  ): void => {
    hub.handle(name, (peer, data) => {
      if (operators.has(peer)) return run(peer, data);
      throw new FailureError("locked", "This session has not shown the operations token.");
    });
  };

  const forget = (peer: ShowcasePeer): void => {
    operators.delete(peer);
    sampler.unwatch(peer.id);
  };
  const find = (id: string): ShowcasePeer => {
    const found = hub.peer(id);
    if (found === undefined) throw new FailureError("gone", "There is no such session any more.");
    return found;
  };

  hub.handle("operations.unlock", (peer, given) => {
    const waitMs = wrong.waitOf(peer);
    if (waitMs > 0) throw tooMany(waitMs);
    if (token.is(given)) {
      // A page asks again after each of its links.
      if (!operators.has(peer)) audit(`unlocked by ${nameOf(peer)}`);
      operators.add(peer);
      return null;
    }
    const retryInMs = wrong.add(peer);
    if (retryInMs > 0) {
      audit(`too many wrong tokens from ${nameOf(peer)}`);
      throw tooMany(retryInMs);
    }
    throw new FailureError("wrong-token", "This is not the token that the server printed.");
  });
  handle("operations.lock", (peer) => {
    peer.leave(room);
    forget(peer);
    return null;
  });
  handle("operations.watch", (peer) => {
    peer.join(room);
    sampler.watch(peer.id);
    return { history: sampler.history, ...draining() };
  });
  handle("operations.unwatch", (peer) => {
    peer.leave(room);
    sampler.unwatch(peer.id);
    return null;
  });
  handle("operations.sessions", (_, question) => findSessions(hub.peers(), calls, question));
  handle("operations.session", (_, id) => {
    const found = find(id);
    return detailsOf(found, calls.of(found), operators.has(found));
  });
  handle("operations.disconnect", (peer, id) => {
    const found = find(id);
    audit(`session ${nameOf(found)} disconnected by ${nameOf(peer)}`);
    found.disconnect(disconnectReason);
    return null;
  });
  handle("operations.drain", (peer, { overMs }) => {
    if (drain.progress === undefined) {
      audit(`drain over ${overMs} ms begun by ${nameOf(peer)}`);
      void drain
        .begin(overMs, operators)
        .then(() => audit("drained: no link is left, and new ones are refused until a restart"));
    }
    return drain.progress!;
  });
  hub.on("disconnect", forget);

  return {
    close() {
      sampler.close();
      gauge.close();
    },
  };
}

function tooMany(retryInMs: number): FailureError {
  const message = `Too many wrong tokens. Try again in ${Math.ceil(retryInMs / 1_000)} s.`;
  return new FailureError("limited", message, { data: { retryInMs } });
}

function nameOf({ id, address }: ShowcasePeer): string {
  return `${id} (${address})`;
}

/** What was done with this server, for whoever reads its console later. */
function audit(text: string): void {
  console.log(`${new Date().toISOString()} operations: ${text}`);
}
