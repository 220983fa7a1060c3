// Who is in a room, over all nodes, and the changes, gathered.
//
// Theory. Per room each node keeps its own members with their state, and what other nodes told of
// theirs. A change notes how it was *before* the interval began, once per member; when the interval
// ends, before and now are compared. So somebody who flaps is one change or none, and a thousand who
// join at once are one event per receiver, bounded in length, encoded once.

import { type PresenceChange, type PresentMember, presenceEvent } from "@tidewire/session-protocol";

export { type PresenceChange, type PresentMember, presenceEvent };

/** What one node tells the others of a room: who came or changed, and who went. */
export interface PresenceDelta {
  readonly here: readonly PresentMember[];
  readonly gone: readonly string[];
}

export class RoomPresence {
  readonly #local = new Map<string, PresentMember>();
  readonly #remote = new Map<string, Map<string, PresentMember>>();
  /** How each changed member was before the interval; undefined: absent. */
  readonly #before = new Map<string, PresentMember | undefined>();
  readonly #changedHere = new Set<string>();
  readonly #newcomers = new Set<string>();

  /** Whether there is something to tell. */
  get isChanged(): boolean {
    return this.#before.size > 0 || this.#newcomers.size > 0;
  }

  get count(): number {
    let count = this.#local.size;
    for (const members of this.#remote.values()) count += members.size;
    return count;
  }

  get isEmptyHere(): boolean {
    return this.#local.size === 0;
  }

  /** Everybody, at most `max`, those of this node first. */
  list(max: number = Number.POSITIVE_INFINITY): PresentMember[] {
    const list: PresentMember[] = [];
    for (const members of [this.#local, ...this.#remote.values()]) {
      for (const member of members.values()) {
        if (list.length >= max) return list;
        list.push(member);
      }
    }
    return list;
  }

  /** The members of this node. */
  here(): PresentMember[] {
    return [...this.#local.values()];
  }

  enter(member: PresentMember): void {
    this.#note(member.id);
    this.#newcomers.add(member.id);
    this.#changedHere.add(member.id);
    this.#local.set(member.id, member);
  }

  update(member: PresentMember): void {
    if (!this.#local.has(member.id)) return;
    this.#note(member.id);
    this.#changedHere.add(member.id);
    this.#local.set(member.id, member);
  }

  leave(id: string): void {
    if (!this.#local.has(id)) return;
    this.#note(id);
    this.#newcomers.delete(id);
    this.#changedHere.add(id);
    this.#local.delete(id);
  }

  /** Another node's changes. */
  merge(node: string, delta: PresenceDelta): void {
    let members = this.#remote.get(node);
    if (members === undefined) {
      members = new Map();
      this.#remote.set(node, members);
    }
    for (const id of delta.gone) {
      this.#note(id);
      members.delete(id);
    }
    for (const member of delta.here) {
      this.#note(member.id);
      members.set(member.id, member);
    }
    if (members.size === 0) this.#remote.delete(node);
  }

  /** Another node's whole list, in the place of what was known of it. */
  replace(node: string, here: readonly PresentMember[]): void {
    const gone = [...(this.#remote.get(node)?.keys() ?? [])];
    this.merge(node, { here, gone });
  }

  nodeLost(node: string): void {
    this.replace(node, []);
  }

  /**
   * What changed since the last call: to tell the members of this node (`change`), its newcomers
   * (`welcome`, if any), and the other nodes (`delta`, if anything of ours changed).
   */
  take(max: number): {
    readonly change: PresenceChange | undefined;
    readonly welcome: PresenceChange | undefined;
    readonly newcomers: ReadonlySet<string>;
    readonly delta: PresenceDelta | undefined;
  } {
    const joined: PresentMember[] = [];
    const changed: PresentMember[] = [];
    const left: string[] = [];
    for (const [id, before] of this.#before) {
      const now = this.#find(id);
      if (before === undefined && now !== undefined) joined.push(now);
      else if (before !== undefined && now === undefined) left.push(id);
      else if (before !== undefined && now !== undefined && !isSame(before, now)) changed.push(now);
    }
    const newcomers = new Set(this.#newcomers);
    const delta = this.#delta();
    this.#before.clear();
    this.#newcomers.clear();
    this.#changedHere.clear();
    const { count } = this;
    const told = joined.length + changed.length + left.length;
    const change =
      told === 0 ? undefined : { count, ...cut(joined, changed, left, max), complete: told <= max };
    const welcome =
      newcomers.size === 0 ? undefined : { count, here: this.list(max), complete: count <= max };
    return { change, welcome, newcomers, delta };
  }

  #delta(): PresenceDelta | undefined {
    if (this.#changedHere.size === 0) return undefined;
    const here: PresentMember[] = [];
    const gone: string[] = [];
    for (const id of this.#changedHere) {
      const member = this.#local.get(id);
      if (member === undefined) gone.push(id);
      else here.push(member);
    }
    return { here, gone };
  }

  #note(id: string): void {
    if (!this.#before.has(id)) this.#before.set(id, this.#find(id));
  }

  #find(id: string): PresentMember | undefined {
    const local = this.#local.get(id);
    if (local !== undefined) return local;
    for (const members of this.#remote.values()) {
      const member = members.get(id);
      if (member !== undefined) return member;
    }
    return undefined;
  }
}

function isSame(left: PresentMember, right: PresentMember): boolean {
  return left === right || JSON.stringify(left) === JSON.stringify(right);
}

/** The first `max` changes; those who left first, since ghosts harm more than late faces. */
function cut(
  joined: readonly PresentMember[],
  changed: readonly PresentMember[],
  left: readonly string[],
  max: number,
): Pick<PresenceChange, "joined" | "left" | "changed"> {
  const kept = left.slice(0, max);
  const some = joined.slice(0, max - kept.length);
  const rest = changed.slice(0, max - kept.length - some.length);
  return {
    ...(kept.length === 0 ? {} : { left: kept }),
    ...(some.length === 0 ? {} : { joined: some }),
    ...(rest.length === 0 ? {} : { changed: rest }),
  };
}
