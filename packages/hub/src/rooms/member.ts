// What a room knows of those in it. A peer is one; so is a client of another protocol in a dialect.

import type { Entry } from "@tidewire/session-protocol";

/** What others may see of a member. */
export interface MemberInfo {
  /** The public id of its session. */
  readonly id: string;
  /** As `authenticate` named it; absent without. */
  readonly user?: string;
}

/** Somebody in rooms. */
export interface Member {
  readonly id: string;
  readonly user: string | undefined;
  /** Kept by `Rooms` alone. */
  rooms: readonly string[];
  /** Takes an entry of a broadcast. Must not throw. */
  deliver(entry: Entry, now: number): void;
  /** Takes a volatile entry if it can be sent at once; answers whether. */
  deliverVolatile(entry: Entry, now: number): boolean;
  /** As `deliver`, in the place of an entry of this key that was not sent yet. */
  deliverLatest(key: string, entry: Entry, now: number): void;
}
