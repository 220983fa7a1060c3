// The drop room as the page knows it: what is in it, what is sent to it from here and fetched from it.
// Draws nothing.
//
// A lost connection is the session's business: uploads and downloads go on where they were. When the
// session begins anew (`fresh`) or has a gap, both have failed by then and say so, and the room is
// joined again, whose answer tells what is still there.
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { LinkedInfo } from "@tidewire/client";
import { filesRoom, type SharedFile } from "../../../shared/files/contract.js";
import { findSizeProblem, type TransferLimits } from "../../../shared/transfers/limits.js";
import type { ShowcaseClient } from "../../session/session.js";
import { randomId } from "../../session/tab-token.js";
import { explainTransfer } from "../../transfers/explain.js";
import { type FetchedFile, fetchFile } from "../../transfers/fetch-file.js";
import { FileTransfer, type TransferState } from "../../transfers/file-transfer.js";
import { Lane } from "../../transfers/lane.js";
import { sendFile } from "../../transfers/send-file.js";
import { Drop } from "./drop.js";

/** More at once do not get there sooner: they share one connection. Two, so that small files pass. */
const uploadsAtOnce = 2;
const downloadsAtOnce = 2;
/** Files that are taken from one drop: somebody has dropped a disk. */
const dropMax = 100;

/** The client knows when a session is lost; no clock has to. */
const patiently = { timeoutMs: Number.POSITIVE_INFINITY } as const;

export interface FilesModelOptions {
  readonly client: ShowcaseClient;
  /** What others are told who sends; may be empty. */
  readonly name: () => string;
  /** Takes what was fetched. */
  readonly save: (blob: Blob, name: string) => void;
}

export class FilesModel {
  readonly #client: ShowcaseClient;
  readonly #options: FilesModelOptions;
  readonly #uploads = new Lane(uploadsAtOnce);
  readonly #downloads = new Lane(downloadsAtOnce);
  readonly #room = signal("");
  readonly #drops = signal<readonly Drop[]>([]);
  readonly #people = signal(0);
  readonly #limits = signal<TransferLimits | undefined>(undefined);
  readonly #notice = signal("");
  readonly #news = signal("");
  readonly #stops: (() => void)[];
  #you = "";
  /** Counts the joins: an answer to an earlier one is of no use. */
  #joins = 0;

  constructor(options: FilesModelOptions) {
    const { client } = options;
    this.#client = client;
    this.#options = options;
    this.#stops = [
      client.watch("linked", ({ answer }: LinkedInfo) => {
        if (answer !== "resumed") this.#join();
      }),
      client.on("files.added", ({ room, file }) => this.#added(room, file)),
      client.on("files.progress", ({ files }) => {
        for (const file of files) this.#find(file.id)?.tell(file);
      }),
      client.on("files.complete", ({ id, sha256 }) => this.#complete(id, sha256)),
      client.on("files.gone", ({ id, reason }) => this.#gone(id, reason)),
      client.onPresence(({ count }, { room }) => {
        if (room === filesRoom(this.#room.value)) this.#people.value = count;
      }),
    ];
  }

  get room(): ReadonlySignal<string> {
    return this.#room;
  }

  /** Of this room, the latest first. */
  readonly drops: ReadonlySignal<readonly Drop[]> = computed(() =>
    this.#drops.value.filter(({ facts }) => facts.room === this.#room.value).toReversed(),
  );

  /** Sessions in this room, with this one; 0 until it is known. */
  get people(): ReadonlySignal<number> {
    return this.#people;
  }

  /** As the server has told them; undefined until it has. */
  get limits(): ReadonlySignal<TransferLimits | undefined> {
    return this.#limits;
  }

  /** Something that the person should know; empty when there is nothing. */
  get notice(): ReadonlySignal<string> {
    return this.#notice;
  }

  /** What has just become of a file, for those who do not see it. */
  get news(): ReadonlySignal<string> {
    return this.#news;
  }

  /** Whether something would be lost with this page, in whatever room. */
  readonly isBusy: ReadonlySignal<boolean> = computed(() =>
    this.#drops.value.some((drop) => drop.isUnderWay),
  );

  /** Looks at a room; what is under way in the one before goes on. */
  show(room: string): void {
    if (room === this.#room.value) return;
    this.#room.value = room;
    this.#people.value = 0;
    this.#keep((drop) => drop.isUnderWay || drop.facts.room === room);
    // A client that has no session yet asks when it has: see `linked`.
    if (this.#client.session !== undefined) this.#join();
  }

  send(files: readonly File[], folders: readonly string[] = []): void {
    this.#notice.value = describeFolders(folders);
    if (files.length > dropMax) {
      this.#notice.value = `These are ${files.length} files; at most ${dropMax} are taken at once.`;
      return;
    }
    const drops = files.map((file) => Drop.ours(randomId(), this.#room.value, file));
    this.#drops.value = [...this.#drops.value, ...drops];
    for (const drop of drops) this.#send(drop);
  }

  /** Sends it once more, from the beginning. */
  retry(drop: Drop): void {
    if (drop.file === undefined) return;
    const again = Drop.ours(randomId(), drop.facts.room, drop.file);
    this.#drops.value = this.#drops.value.map((other) => (other === drop ? again : other));
    drop.dispose();
    this.#send(again);
  }

  pause(drop: Drop): void {
    drop.upload.value?.pause();
    this.#client.emit("files.pause", { id: drop.facts.id, isPaused: true });
  }

  resume(drop: Drop): void {
    drop.upload.value?.resume();
    this.#client.emit("files.pause", { id: drop.facts.id, isPaused: false });
  }

  /** Takes it off the list; what others have of it stays. */
  dismiss(drop: Drop): void {
    this.#keep((other) => other !== drop);
  }

  /** Takes our own from everybody. */
  async remove(drop: Drop): Promise<void> {
    try {
      await this.#client.request("files.remove", { id: drop.facts.id }, patiently);
      this.dismiss(drop);
    } catch (error) {
      this.#notice.value = explainTransfer(error).reason;
    }
  }

  /** Fetches it, as far as it is there, and follows it to its end. Saves it when it is whole. */
  fetch(drop: Drop): void {
    if (drop.download.value?.isOpen) return;
    const { id, size } = drop.facts;
    const what = { client: this.#client, stream: "files.get", data: { id }, size } as const;
    const download = new FileTransfer<FetchedFile>({
      size,
      lane: this.#downloads,
      begin: (tell) => fetchFile(what, tell),
      onEnd: (state) => this.#fetched(drop, state),
    });
    drop.fetch(download);
  }

  /** Once more what was fetched already. */
  save(drop: Drop): void {
    const state = drop.download.value?.state.value;
    if (state?.type === "done") this.#options.save(state.result.blob, drop.facts.name);
  }

  dismissNotice(): void {
    this.#notice.value = "";
  }

  /** Listens no more, and gives up what is under way. */
  dispose(): void {
    for (const stop of this.#stops.splice(0)) stop();
    this.#keep(() => false);
  }

  // ── Bytes ────────────────────────────────────────────────────────────────────────────────────

  #send(drop: Drop): void {
    const { file } = drop;
    if (file === undefined) return;
    const limits = this.#limits.value;
    const problem = limits && findSizeProblem(file, limits);
    if (problem !== undefined) {
      drop.refuse(problem);
      this.#news.value = problem;
      return;
    }
    const { id, room, size } = drop.facts;
    const meta = { room, id, by: this.#options.name() };
    const what = { client: this.#client, stream: "files.put", file, meta } as const;
    const upload = new FileTransfer<string>({
      size,
      lane: this.#uploads,
      begin: (tell) => sendFile(what, tell),
      onEnd: (state) => this.#sent(drop, state),
    });
    drop.send(upload);
  }

  #sent(drop: Drop, state: TransferState<string>): void {
    const { name } = drop.facts;
    if (state.type === "done") this.#news.value = `${name} was sent.`;
    else if (state.type === "failed") this.#news.value = `${name} was not sent. ${state.reason}`;
    else this.dismiss(drop); // Cancelled.
  }

  #fetched(drop: Drop, state: TransferState<FetchedFile>): void {
    const { name } = drop.facts;
    if (state.type === "failed") this.#news.value = `${name} was not received. ${state.reason}`;
    if (state.type !== "done") return;
    this.#news.value = `${name} was received.`;
    this.#options.save(state.result.blob, name);
    drop.draw(state.result.blob);
  }

  // ── What the server says ─────────────────────────────────────────────────────────────────────

  async #join(): Promise<void> {
    const room = this.#room.value;
    if (room === "") return;
    this.#joins += 1;
    const join = this.#joins;
    try {
      const joined = await this.#client.request("files.join", { room }, patiently);
      if (join !== this.#joins) return;
      this.#you = joined.you;
      this.#limits.value = joined.limits;
      this.#reconcile(room, joined.files);
    } catch (error) {
      // When the session is lost, `linked` comes and the room is joined again.
      const { reason } = explainTransfer(error);
      if (join === this.#joins && this.#client.state === "connected") this.#notice.value = reason;
    }
  }

  /** What is not there any more has gone while nobody told us. */
  #reconcile(room: string, files: readonly SharedFile[]): void {
    const there = new Set(files.map(({ id }) => id));
    for (const { facts, presence } of this.drops.value) {
      const wasThere = presence.value.type === "complete" || presence.value.type === "arriving";
      if (wasThere && !there.has(facts.id)) {
        this.#gone(
          facts.id,
          "It is not on the server any more: that was restarted, or its time is over.",
        );
      }
    }
    for (const file of files) this.#added(room, file);
  }

  #added(room: string, file: SharedFile): void {
    const known = this.#find(file.id);
    if (known !== undefined) known.tell(file);
    else this.#drops.value = [...this.#drops.value, Drop.told(room, file, this.#you)];
  }

  #complete(id: string, sha256: string): void {
    const drop = this.#find(id);
    drop?.complete(sha256);
    if (drop?.isOurs === false) this.#news.value = `${drop.facts.name} is complete on the server.`;
  }

  /** Of others nothing is left to be seen but what was fetched, or is missed in the middle of it. */
  #gone(id: string, reason: string): void {
    const drop = this.#find(id);
    if (drop === undefined) return;
    drop.gone(reason);
    if (drop.upload.value === undefined && drop.download.value === undefined) this.dismiss(drop);
  }

  #find(id: string): Drop | undefined {
    return this.#drops.value.find(({ facts }) => facts.id === id);
  }

  #keep(isKept: (drop: Drop) => boolean): void {
    const drops = this.#drops.value;
    this.#drops.value = drops.filter(isKept);
    for (const drop of drops) if (!this.#drops.value.includes(drop)) drop.dispose();
  }
}

function describeFolders([first, ...others]: readonly string[]): string {
  if (first === undefined) return "";
  const words =
    others.length === 0
      ? `“${first}” is a folder`
      : `“${first}” and ${others.length} more are folders`;
  return `${words}: only files are taken. Open it and choose the files in it.`;
}
