// A request to many: one packet, one id, and an answer that is as complete as it could be in time.

import {
  Entry,
  type Failure,
  MessageTooLargeError,
  quickJsonCodec,
  type Reply,
} from "@tidewire/session-protocol";
import type { Checker } from "../contract/checker.js";
import { FailureError, given } from "../failure.js";
import type { PeerSession } from "../peers/peer-session.js";
import type { Surroundings } from "../peers/surroundings.js";
import type { MemberInfo } from "./member.js";
import { eachSelected, type Selection } from "./selection.js";

/** What came of a request to an audience. Everybody who was asked is in exactly one of the lists. */
export interface RoomReplies<Data = unknown> {
  readonly replies: readonly { readonly peer: MemberInfo; readonly data: Data }[];
  readonly failures: readonly {
    readonly peer: MemberInfo;
    readonly code: string;
    readonly message: string;
  }[];
  /** Who did not answer in time, or is gone. */
  readonly silent: readonly MemberInfo[];
  /** Nodes of the cluster that did not answer: their peers are in none of the lists. */
  readonly silentNodes: readonly string[];
}

export type LocalReplies = Omit<RoomReplies, "silentNodes">;

/**
 * Asks the members of this node; resolves when all have answered, or at the deadline.
 * @throws {FailureError} `busy` above `limits.roomRequestPeers`.
 */
export function askMembers(
  hub: Surroundings,
  peers: Iterable<PeerSession>,
  selection: Selection,
  question: { readonly name: string; readonly data: unknown; readonly timeoutMs: number },
): Promise<LocalReplies> {
  const { name, data, timeoutMs } = question;
  const asked: PeerSession[] = [];
  eachSelected(selection, hub.rooms, peers, (core) => asked.push(core));
  const { roomRequestPeers, messageBytes } = hub.limits;
  if (asked.length > roomRequestPeers) {
    const message = `${asked.length} peers, above limits.roomRequestPeers (${roomRequestPeers}).`;
    throw new FailureError("busy", message);
  }
  const id = hub.nextRequestId();
  const entry = new Entry({ type: "request", id, name, timeoutMs, ...given(data) }, quickJsonCodec);
  if (entry.size > messageBytes) throw new MessageTooLargeError(entry.size, messageBytes);
  const replies: { peer: MemberInfo; data: unknown }[] = [];
  const failures: { peer: MemberInfo; code: string; message: string }[] = [];
  const silent: MemberInfo[] = [];
  const now = hub.now();
  const waits = asked.map(async (core) => {
    const peer = infoOf(core);
    const answer = await askOne(core, id, entry, now, timeoutMs);
    if (answer === undefined || (answer.type === "failure" && isSilence(answer.code))) {
      silent.push(peer);
      return;
    }
    const result = answer.type === "reply" ? await check(hub.checker, name, answer) : answer;
    if (result.type === "reply") replies.push({ peer, data: result.data });
    else failures.push({ peer, code: result.code, message: result.message });
  });
  return Promise.all(waits).then(() => ({ replies, failures, silent }));
}

export function infoOf(core: PeerSession): MemberInfo {
  return core.user === undefined ? { id: core.id } : { id: core.id, user: core.user };
}

function askOne(
  core: PeerSession,
  id: number,
  entry: Entry,
  now: number,
  timeoutMs: number,
): Promise<Reply | Failure | undefined> {
  return new Promise((resolve) => {
    if (core.requests.open(now, timeoutMs, resolve, id) === undefined) {
      const message = "too many requests wait for this peer";
      resolve({ type: "failure", id, code: "busy", message });
      return;
    }
    const position = core.session.send(entry, now);
    if (position < 0) {
      core.requests.cancel(id);
      resolve(undefined);
      return;
    }
    core.requests.sentAt(id, position);
    core.hub.schedule(core);
  });
}

async function check(checker: Checker, name: string, answer: Reply): Promise<Reply | Failure> {
  try {
    return { ...answer, data: await checker.reply("server", name, answer.data) };
  } catch (error) {
    return FailureError.packet(answer.id, error);
  }
}

function isSilence(code: string): boolean {
  return code === "timeout" || code === "lost";
}
