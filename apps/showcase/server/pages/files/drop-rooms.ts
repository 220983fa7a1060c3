// What the members of a drop room are told: files that come, how they are getting on, and what becomes
// of them. Progress is gathered, and a member who is slow gets only the latest.
import type { FailureError } from "@tidewire/hub";
import {
  type FileProgress,
  filesRoom,
  type Pace,
  type SharedFile,
} from "../../../shared/files/contract.js";
import type { ShowcaseHub } from "../../hub/create-hub.js";
import type { FileListener, StoredFile } from "../../transfers/stored-file.js";
import { awayMs, progressMs } from "./limits.js";

/** Where a file goes, and who sends it. */
export interface Origin {
  readonly room: string;
  readonly session: string;
  /** What the sender is called; may be empty. */
  readonly by: string;
}

interface Entry extends Origin {
  readonly file: StoredFile;
  isPaused: boolean;
  unlinkedAt: number | undefined;
  /** What was told last. */
  told: FileProgress;
}

export class DropRooms implements FileListener {
  readonly #hub: ShowcaseHub;
  readonly #now: () => number;
  /** By id, in the order in which they came. */
  readonly #entries = new Map<string, Entry>();
  #timer: NodeJS.Timeout | undefined;

  constructor(hub: ShowcaseHub, now: () => number) {
    this.#hub = hub;
    this.#now = now;
  }

  list(room: string): SharedFile[] {
    return [...this.#entries.values()]
      .filter((entry) => entry.room === room)
      .map((entry) => this.#describe(entry));
  }

  add(file: StoredFile, origin: Origin): void {
    const { id } = file.facts;
    const told = { id, received: 0, pace: "moving" } as const;
    const state = { isPaused: false, unlinkedAt: undefined, told };
    const entry: Entry = { ...origin, ...state, file };
    this.#entries.set(id, entry);
    this.#timer ??= setInterval(() => this.#tellProgress(), progressMs);
    const { room } = origin;
    this.#hub.to(filesRoom(room)).emit("files.added", { room, file: this.#describe(entry) });
  }

  /** Of the owner's files only. */
  pause(id: string, owner: string, isPaused: boolean): void {
    const entry = this.#entries.get(id);
    if (entry?.file.facts.owner === owner) entry.isPaused = isPaused;
  }

  linked(session: string, isLinked: boolean): void {
    const unlinkedAt = isLinked ? undefined : this.#now();
    for (const entry of this.#entries.values()) {
      if (entry.session === session) entry.unlinkedAt = unlinkedAt;
    }
  }

  complete({ facts: { id }, sha256 }: StoredFile): void {
    const entry = this.#entries.get(id);
    if (entry === undefined || sha256 === undefined) return;
    const { room } = entry;
    this.#hub.to(filesRoom(room)).emit("files.complete", { room, id, sha256 });
    this.#stopWhenIdle();
  }

  gone({ facts: { id } }: StoredFile, reason: FailureError): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    const { room } = entry;
    this.#hub.to(filesRoom(room)).emit("files.gone", { room, id, reason: reason.message });
    this.#stopWhenIdle();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #describe(entry: Entry): SharedFile {
    const { id, name, size, owner } = entry.file.facts;
    const { sha256 } = entry.file;
    const { received, pace } = this.#progressOf(entry);
    const by = { id: owner, name: entry.by };
    const file = { id, name, size, by, received, pace };
    return sha256 === undefined ? file : { ...file, sha256 };
  }

  #progressOf({ file, isPaused, unlinkedAt }: Entry): FileProgress {
    const isAway = unlinkedAt !== undefined && this.#now() - unlinkedAt >= awayMs;
    const pace: Pace = isAway ? "away" : isPaused ? "paused" : "moving";
    return { id: file.facts.id, received: file.received, pace };
  }

  /** One event per room in which something has changed, with all of its files that are on their way. */
  #tellProgress(): void {
    const rooms = new Map<string, FileProgress[]>();
    const changed = new Set<string>();
    for (const entry of this.#arriving()) {
      const progress = this.#progressOf(entry);
      const { told, room } = entry;
      if (progress.received !== told.received || progress.pace !== told.pace) changed.add(room);
      entry.told = progress;
      rooms.set(room, [...(rooms.get(room) ?? []), progress]);
    }
    for (const room of changed) {
      const audience = this.#hub.to(filesRoom(room)).latest("files.progress");
      audience.emit("files.progress", { room, files: rooms.get(room) ?? [] });
    }
  }

  #arriving(): Entry[] {
    return [...this.#entries.values()].filter(({ file }) => file.sha256 === undefined);
  }

  #stopWhenIdle(): void {
    if (this.#arriving().length === 0) this.close();
  }
}
