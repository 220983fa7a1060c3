// What is asked of audiences over all nodes: requests, who is there, and what is done to them.

import { type Event, isFault, quickJsonCodec } from "@tidewire/session-protocol";
import type { Cluster } from "../backplane/cluster.js";
import { FailureError } from "../failure.js";
import type { PeerSession } from "../peers/peer-session.js";
import type { Surroundings } from "../peers/surroundings.js";
import type { Action, Done, Found } from "./audience.js";
import { askMembers, infoOf, type LocalReplies, type RoomReplies } from "./room-request.js";
import { eachSelected, readSelection, type Selection } from "./selection.js";

export interface ClusterRequestsParts {
  readonly hub: Surroundings;
  readonly cluster: Cluster;
  readonly peers: () => Iterable<PeerSession>;
  readonly snapshot: (room: string) => unknown;
}

type Field = "kind" | "room" | "action" | "name" | "data" | "timeoutMs" | "selection";

interface Question {
  readonly name: string;
  readonly data: unknown;
  readonly timeoutMs: number;
}

export class ClusterRequests {
  readonly #parts: ClusterRequestsParts;

  constructor(parts: ClusterRequestsParts) {
    this.#parts = parts;
  }

  async request(selection: Selection, question: Question, local: boolean): Promise<RoomReplies> {
    const { hub, cluster, peers } = this.#parts;
    const here = askMembers(hub, peers(), selection, question);
    if (local) return { ...(await here), silentNodes: [] };
    const { name, timeoutMs } = question;
    const data = pack(question.data);
    // The others wait as long as we do, and then need time to answer.
    const waitMs = timeoutMs + hub.limits.clusterMs;
    const asking = cluster.ask({ kind: "request", selection, name, data, timeoutMs }, waitMs);
    const [ours, { answers, silentNodes }] = await Promise.all([here, asking]);
    const all = {
      replies: [...ours.replies],
      failures: [...ours.failures],
      silent: [...ours.silent],
    };
    const silent = [...silentNodes];
    for (const [node, answer] of answers) {
      const theirs =
        typeof answer === "string" ? (unpack(answer) as LocalReplies | undefined) : undefined;
      if (!isReplies(theirs)) {
        silent.push(node);
        continue;
      }
      all.replies.push(...theirs.replies);
      all.failures.push(...theirs.failures);
      all.silent.push(...theirs.silent);
    }
    return { ...all, silentNodes: silent };
  }

  async find(selection: Selection, local: boolean): Promise<Found> {
    const { cluster } = this.#parts;
    const here = this.#list(selection).map((info) => ({ ...info, node: cluster.node }));
    if (local) return { peers: here, silentNodes: [] };
    const { answers, silentNodes } = await cluster.ask({ kind: "find", selection });
    for (const [node, answer] of answers) {
      for (const info of Array.isArray(answer) ? answer : []) here.push({ ...info, node });
    }
    return { peers: here, silentNodes };
  }

  async act(selection: Selection, action: Action, local: boolean): Promise<Done> {
    const { cluster } = this.#parts;
    let count = this.#act(selection, action);
    if (local) return { count, silentNodes: [] };
    const { answers, silentNodes } = await cluster.ask({ kind: "act", selection, action });
    for (const answer of answers.values()) if (typeof answer === "number") count += answer;
    return { count, silentNodes };
  }

  /** Another node asks. What is not understood is answered `null`. */
  async asked(value: unknown, _from: string): Promise<unknown> {
    const question = value as Partial<Record<Field, unknown>> | null;
    if (question === null || typeof question !== "object") return null;
    const { kind, room, action, name, data, timeoutMs } = question;
    if (kind === "presence") return typeof room === "string" ? this.#parts.snapshot(room) : null;
    const selection = readSelection(question.selection);
    if (selection === undefined) return null;
    if (kind === "find") return this.#list(selection);
    if (kind === "act") return this.#act(selection, action as Action);
    if (kind !== "request" || typeof name !== "string" || typeof timeoutMs !== "number")
      return null;
    const { hub, peers } = this.#parts;
    const asked = { name, data: typeof data === "string" ? unpack(data) : undefined, timeoutMs };
    return pack(await askMembers(hub, peers(), selection, asked));
  }

  #list(selection: Selection): ReturnType<typeof infoOf>[] {
    const list: ReturnType<typeof infoOf>[] = [];
    this.#each(selection, (core) => list.push(infoOf(core)));
    return list;
  }

  #act(selection: Selection, action: Action): number {
    const cores: PeerSession[] = [];
    this.#each(selection, (core) => cores.push(core));
    let count = 0;
    for (const core of cores) {
      try {
        if (action.kind === "disconnect") core.peer.disconnect(action.reason);
        else if (action.kind === "join") core.peer.join(action.room);
        else if (action.kind === "leave") core.peer.leave(action.room);
        count += 1;
      } catch (error) {
        // One that is in too many rooms does not keep the others out.
        if (!(error instanceof FailureError)) throw error;
      }
    }
    return count;
  }

  #each(selection: Selection, visit: (core: PeerSession) => void): void {
    const { hub, peers } = this.#parts;
    eachSelected(selection, hub.rooms, peers(), visit);
  }
}

/** Data as the wire has it, so that byte strings survive the way between nodes. */
function pack(data: unknown): string {
  const packet: Event = { type: "event", name: "data", ...(data === undefined ? {} : { data }) };
  return String(quickJsonCodec.encode(packet));
}

function unpack(text: string): unknown {
  const packet = quickJsonCodec.decode(text);
  return isFault(packet) || packet.type !== "event" ? undefined : packet.data;
}

function isReplies(value: LocalReplies | undefined): value is LocalReplies {
  return (
    Array.isArray(value?.replies) && Array.isArray(value.failures) && Array.isArray(value.silent)
  );
}
