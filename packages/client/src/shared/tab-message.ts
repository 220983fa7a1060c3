// What tabs say to each other over the BroadcastChannel, and the only reader of it: another script
// of the origin may post anything there.

import type { ClientState } from "../client-events.js";
import type { Failure } from "../failure.js";
import type { EventInfo } from "../inbox.js";
import type { TransportName } from "../transports/carrier.js";

/** The state of the shared connection, as its leader sees it. */
export interface SharedState {
  readonly state: ClientState;
  readonly transport: TransportName | undefined;
  readonly session: string | undefined;
  readonly failure: Pick<Failure, "reason" | "detail"> | undefined;
}

export type TabMessage =
  /** A tab is new, or wants to know who leads. */
  | { readonly type: "hello"; readonly from: string }
  /** The leader: it leads, and this is the state. */
  | ({ readonly type: "lead"; readonly from: string } & SharedState)
  /** The leader: an event of the server. */
  | {
      readonly type: "event";
      readonly from: string;
      readonly data: unknown;
      readonly info: EventInfo;
    }
  /** A follower: send this. */
  | {
      readonly type: "ask";
      readonly from: string;
      readonly id: number;
      readonly kind: "event" | "volatile" | "request";
      readonly name: string;
      readonly data: unknown;
      readonly timeoutMs: number | undefined;
    }
  /** The leader, before it sends: from now on nobody else may. */
  | { readonly type: "taken"; readonly from: string; readonly to: string; readonly id: number }
  /** The leader: what became of it. */
  | {
      readonly type: "done";
      readonly from: string;
      readonly to: string;
      readonly id: number;
      readonly data: unknown;
      readonly error: { readonly code: string; readonly message: string } | undefined;
    };

const states = ["connecting", "connected", "reconnecting", "offline", "closed"];
const kinds = ["event", "volatile", "request"];

/** What may be in a message, none of it trusted. */
interface Raw {
  readonly type?: unknown;
  readonly from?: unknown;
  readonly to?: unknown;
  readonly id?: unknown;
  readonly kind?: unknown;
  readonly name?: unknown;
  readonly state?: unknown;
  readonly info?: unknown;
  readonly error?: unknown;
}

/** The message, or undefined for anything that is none. Never throws. */
export function readTabMessage(value: unknown): TabMessage | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const message = value as Raw;
  const isShaped = isText(message.from) && checks.get(String(message.type))?.(message) === true;
  return isShaped ? (value as TabMessage) : undefined;
}

const checks = new Map<string, (message: Raw) => boolean>([
  ["hello", () => true],
  ["lead", ({ state }) => states.includes(state as string)],
  ["event", ({ info }) => isText((info as EventInfo | null | undefined)?.name)],
  ["ask", ({ id, kind, name }) => isId(id) && kinds.includes(kind as string) && isText(name)],
  ["taken", ({ id, to }) => isId(id) && isText(to)],
  [
    "done",
    ({ id, to, error }) =>
      isId(id) &&
      isText(to) &&
      (error === undefined || isText((error as { code?: unknown } | null)?.code)),
  ],
]);

function isText(value: unknown): boolean {
  return typeof value === "string" && value.length <= 256;
}

function isId(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0;
}
