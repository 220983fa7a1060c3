// A message of a channel between nodes: one line of JSON that says what it is, then the packet as it
// was encoded for clients. The packet's text is not wrapped again, so a large one is not escaped twice.

import type { PresenceDelta } from "./presence.js";
import { readSelection, type Selection } from "./selection.js";

export type Envelope =
  | {
      readonly kind: "event";
      readonly selection: Selection;
      readonly volatile: boolean;
      readonly latest: string | undefined;
      /** The packet, JSON codec. */
      readonly text: string;
    }
  | { readonly kind: "presence"; readonly turn: number; readonly delta: PresenceDelta };

export function writeEnvelope(envelope: Envelope): string {
  if (envelope.kind === "presence") return JSON.stringify(envelope);
  const { text, ...head } = envelope;
  return `${JSON.stringify(head)}\n${text}`;
}

/** Undefined when it is none: nodes of different versions may share a bus. */
export function readEnvelope(message: string): Envelope | undefined {
  const end = message.indexOf("\n");
  try {
    const head = JSON.parse(end < 0 ? message : message.slice(0, end)) as Envelope;
    if (head?.kind === "presence") {
      const { turn, delta } = head;
      const isRight =
        Number.isSafeInteger(turn) && Array.isArray(delta?.here) && Array.isArray(delta.gone);
      return isRight ? head : undefined;
    }
    if (head?.kind !== "event" || end < 0) return undefined;
    const selection = readSelection(head.selection);
    if (selection === undefined) return undefined;
    const latest = typeof head.latest === "string" ? head.latest : undefined;
    return {
      kind: "event",
      selection,
      volatile: head.volatile === true,
      latest,
      text: message.slice(end + 1),
    };
  } catch {
    return undefined;
  }
}
