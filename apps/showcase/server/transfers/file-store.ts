// The files that visitors sent, in a folder of their own: who may send how much, how long it is kept,
// and how it is removed. It knows nothing of pages: the files page and others share one, and its bounds.
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { FailureError } from "@tidewire/hub";
import { tidyFileName } from "../../shared/transfers/file-name.js";
import { formatBytes, formatExcess, formatMinutes } from "../../shared/transfers/format.js";
import { findSizeProblem } from "../../shared/transfers/limits.js";
import { type StoreLimits, storeLimits, sweepMs } from "./limits.js";
import { StoreFolder } from "./store-folder.js";
import { type FileFacts, type FileListener, type FileSource, StoredFile } from "./stored-file.js";

export interface FileStoreOptions {
  readonly limits?: Partial<StoreLimits>;
  /** Where its folder is made. Default: the system's for temporary files. */
  readonly parent?: string;
  /** Milliseconds. */
  readonly now?: () => number;
}

export class FileStore {
  readonly limits: StoreLimits;
  readonly #now: () => number;
  readonly #folder: StoreFolder;
  readonly #files = new Map<string, StoredFile>();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** Removes what an earlier process has left. */
  constructor({ limits, parent, now = Date.now }: FileStoreOptions = {}) {
    this.limits = { ...storeLimits, ...limits };
    this.#now = now;
    this.#folder = new StoreFolder(parent);
    this.#folder.removeStale();
  }

  find(id: string): StoredFile | undefined {
    return this.#files.get(id);
  }

  /**
   * Keeps a place for a file of that size, and tells the listener what becomes of it. The name is
   * brought into shape. Follow up with `receive`, or `remove` it.
   * @throws {FailureError} that names the limit and the value that is over it.
   */
  announce(claim: FileFacts, listener: FileListener = {}): StoredFile {
    const facts = { ...claim, name: tidyFileName(claim.name) };
    if (this.#isClosed) throw new FailureError("gone", "The server is stopping.");
    this.#check(facts);
    const path = join(this.#folder.open(), randomUUID());
    const file = new StoredFile(facts, path, listener, this.#now);
    this.#files.set(facts.id, file);
    this.#timer ??= setInterval(() => this.sweep(), sweepMs).unref();
    return file;
  }

  /** Takes the bytes of an announced file; what does not arrive whole is removed. */
  async receive(file: StoredFile, source: FileSource): Promise<string> {
    try {
      return await file.receive(source);
    } catch (error) {
      await this.remove(file, reasonOf(error));
      throw error;
    }
  }

  /** Whoever reads or sends it is told the reason. */
  async remove(file: StoredFile, reason: FailureError): Promise<void> {
    if (this.#files.get(file.facts.id) !== file) return;
    this.#files.delete(file.facts.id);
    if (this.#files.size === 0) this.#stopSweeping();
    file.takeAway(reason);
    await rm(file.path, { force: true });
  }

  /** Removes what has been kept long enough, and what does not arrive any more. */
  sweep(): void {
    const now = this.#now();
    const { keepMs, stallMs } = this.limits;
    for (const file of this.#files.values()) {
      const idleMs = now - file.changedAt;
      if (file.sha256 !== undefined && idleMs >= keepMs) {
        this.#expire(file, `Files are kept for ${formatMinutes(keepMs)}.`);
      } else if (file.sha256 === undefined && idleMs >= stallMs) {
        this.#expire(file, `Nothing of it has arrived for ${formatMinutes(stallMs)}.`);
      }
    }
  }

  /** Removes everything; nothing is taken any more. */
  close(): void {
    this.#isClosed = true;
    this.#stopSweeping();
    for (const file of this.#files.values()) {
      file.takeAway(new FailureError("gone", "The server is stopping."));
    }
    this.#files.clear();
    this.#folder.remove();
  }

  #expire(file: StoredFile, reason: string): void {
    // A file that the disk does not give up goes with the folder.
    this.remove(file, new FailureError("expired", reason)).catch(() => {});
  }

  #stopSweeping(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #check(facts: FileFacts): void {
    const { visitorFilesMax, visitorBytesMax, filesMax, bytesMax } = this.limits;
    const { name, size, owner } = facts;
    if (this.#files.has(facts.id)) throw new FailureError("invalid", "This file is here already.");
    const problem = findSizeProblem(facts, this.limits);
    if (problem !== undefined) throw new FailureError("too-large", problem);
    const all = [...this.#files.values()].map((file) => file.facts);
    const own = all.filter((file) => file.owner === owner);
    if (own.length >= visitorFilesMax) {
      const reason = `You have ${own.length} files here; the limit per visitor is ${visitorFilesMax}.`;
      throw new FailureError("too-many-files", `${reason} Remove one first.`);
    }
    const ownBytes = sizeOf(own);
    if (ownBytes + size > visitorBytesMax) {
      const [sum, limit] = formatExcess(ownBytes + size, visitorBytesMax);
      const reason = `With “${name}” you would have ${sum} here; the limit per visitor is ${limit}.`;
      throw new FailureError("too-many-bytes", `${reason} Remove something first.`);
    }
    if (all.length >= filesMax) {
      const reason = `There are ${all.length} files of all visitors here, which is the limit.`;
      throw new FailureError("store-full", `${reason} Try again later.`);
    }
    const bytes = sizeOf(all);
    if (bytes + size > bytesMax) {
      const reason =
        `“${name}” has ${formatBytes(size)}; of the ${formatBytes(bytesMax)} for all visitors, ` +
        `${formatBytes(bytesMax - bytes)} are free.`;
      throw new FailureError("store-full", `${reason} Try again later.`);
    }
  }
}

function sizeOf(files: readonly FileFacts[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

/** What others are told; an error of ours is no business of theirs. */
function reasonOf(error: unknown): FailureError {
  if (!(error instanceof FailureError)) {
    return new FailureError("failed", "The server could not keep it.");
  }
  if (["cancelled", "aborted"].includes(error.code)) {
    return new FailureError("cancelled", "It was cancelled by its sender.");
  }
  if (error.code === "lost" || error.code === "gap") {
    return new FailureError("cancelled", "Its sender has gone.");
  }
  return error;
}
