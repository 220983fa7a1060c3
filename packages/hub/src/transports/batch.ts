// The packets of a body (PROTOCOL.md §10.2, §10.4): split within bounds, decoded one after the other.

import {
  type Batch,
  type Bye,
  CloseCode,
  type Codec,
  type Encoded,
  type Hello,
  isCounted,
  isFault,
  type Limits,
  type Link,
  splitBody,
} from "@tidewire/session-protocol";
import type { Admission } from "../sessions/admission.js";
import { byeOf } from "./answer.js";

/** A body whose first packet was read; the others wait until the session is found. */
export interface OpenedBody {
  readonly type: "opened";
  readonly first: Hello | Batch;
  readonly rest: readonly Encoded[];
}

const none: readonly Encoded[] = [];

/** Splits a body, and reads the first packet: a hello alone, or a batch. */
export function openBody(body: Encoded, codec: Codec, limits: Limits): OpenedBody | Bye {
  const messages = splitBody(body, limits.batchPackets);
  if (isFault(messages)) return byeOf(messages.closeCode, messages.detail);
  const [head] = messages;
  const rest = messages.length > 1 ? messages.slice(1) : none;
  if (head === undefined) return byeOf(CloseCode.malformed, "the body holds no packet");
  const first = codec.decode(head);
  if (isFault(first)) return byeOf(first.closeCode, first.detail);
  if (first.type === "batch") return { type: "opened", first, rest };
  if (first.type !== "hello") {
    return byeOf(CloseCode.malformed, `${first.type} cannot be the first packet of a body`);
  }
  if (rest.length > 0) return byeOf(CloseCode.malformed, "a hello comes alone");
  return { type: "opened", first, rest };
}

/**
 * Hands the packets of a batch to its link. An error in one does not undo those before it (§10.4):
 * it ends the link, and `link.over` tells.
 */
export function applyBatch(
  link: Link,
  batch: Batch,
  messages: readonly Encoded[],
  codec: Codec,
  admission: Pick<Admission, "limits" | "now">,
): void {
  const { position } = batch;
  const inOrder = position !== undefined && link.seek(position, admission.now());
  for (const message of messages) {
    if (link.over) return;
    if (codec.size(message) > admission.limits.messageBytes) {
      const detail = `a packet above messageBytes (${admission.limits.messageBytes})`;
      link.fail(faultOf("too-large", CloseCode.tooLarge, "9", detail), admission.now());
      return;
    }
    const packet = codec.decode(message);
    if (isFault(packet)) link.fail(packet, admission.now());
    else if (!isCounted(packet) || inOrder) link.receive(packet, admission.now());
    else if (position === undefined) {
      const detail = "batch.position is required when there is an entry";
      link.fail(faultOf("order", CloseCode.malformed, "10.4", detail), admission.now());
    }
  }
}

function faultOf(
  code: "too-large" | "order",
  closeCode: number,
  section: string,
  detail: string,
): Parameters<Link["fail"]>[0] {
  return { type: "fault", code, closeCode, section, detail };
}
