// One file in a drop room as the page knows it: what is told of it, how it is getting on, and what this
// page itself has to do with it.
import { type ReadonlySignal, signal } from "@preact/signals";
import type { FileProgress, Pace, SharedFile } from "../../../shared/files/contract.js";
import type { FetchedFile } from "../../transfers/fetch-file.js";
import type { FileTransfer } from "../../transfers/file-transfer.js";
import { Gauge } from "../../transfers/gauge.js";
import { drawThumbnail } from "../../transfers/thumbnail.js";

/** How the server has it. */
export type Presence =
  /** It has not said yet that it has. */
  | { readonly type: "unknown" }
  | { readonly type: "arriving"; readonly pace: Pace }
  | { readonly type: "complete"; readonly sha256: string }
  | { readonly type: "gone"; readonly reason: string };

interface DropFacts {
  readonly id: string;
  readonly room: string;
  readonly name: string;
  readonly size: number;
  /** Who has sent it; empty when nobody is named. */
  readonly by: string;
}

export class Drop {
  readonly facts: DropFacts;
  /** What was chosen here; undefined for the files of others, and for our own after a reload. */
  readonly file: File | undefined;
  readonly isOurs: boolean;
  /** How far it has come to the server, as others see it. */
  readonly gauge: Gauge;
  readonly #presence = signal<Presence>({ type: "unknown" });
  readonly #upload = signal<FileTransfer<string> | undefined>(undefined);
  readonly #download = signal<FileTransfer<FetchedFile> | undefined>(undefined);
  readonly #refusal = signal("");
  readonly #picture = signal<ImageBitmap | undefined>(undefined);

  private constructor(facts: DropFacts, file: File | undefined, isOurs: boolean) {
    this.facts = facts;
    this.file = file;
    this.isOurs = isOurs;
    this.gauge = new Gauge(facts.size);
  }

  /** Chosen here. */
  static ours(id: string, room: string, file: File): Drop {
    const { name, size } = file;
    const drop = new Drop({ id, room, name, size, by: "" }, file, true);
    drop.draw(file);
    return drop;
  }

  /** The server tells of it. */
  static told(room: string, file: SharedFile, you: string): Drop {
    const { id, name, size, by } = file;
    const facts = { id, room, name, size, by: by.name };
    const drop = new Drop(facts, undefined, by.id === you);
    drop.tell(file);
    return drop;
  }

  get presence(): ReadonlySignal<Presence> {
    return this.#presence;
  }

  get upload(): ReadonlySignal<FileTransfer<string> | undefined> {
    return this.#upload;
  }

  /** The latest attempt. */
  get download(): ReadonlySignal<FileTransfer<FetchedFile> | undefined> {
    return this.#download;
  }

  /** Why it is not even tried to send it; empty when it is. */
  get refusal(): ReadonlySignal<string> {
    return this.#refusal;
  }

  /** When it is a picture of which we have the bytes. */
  get picture(): ReadonlySignal<ImageBitmap | undefined> {
    return this.#picture;
  }

  /** Whether it waits for something that this page does. */
  get isUnderWay(): boolean {
    return (this.#upload.value?.isOpen ?? false) || (this.#download.value?.isOpen ?? false);
  }

  refuse(reason: string): void {
    this.#refusal.value = reason;
  }

  send(upload: FileTransfer<string>): void {
    this.#upload.value = upload;
  }

  fetch(download: FileTransfer<FetchedFile>): void {
    this.#download.value = download;
  }

  /** How the server has it now. */
  tell({
    received,
    pace,
    sha256,
  }: Omit<FileProgress, "id"> & { sha256?: string | undefined }): void {
    if (sha256 !== undefined) {
      this.complete(sha256);
      return;
    }
    // Progress is told apart from the rest, and may come late.
    const { type } = this.#presence.value;
    if (type === "complete" || type === "gone") return;
    this.gauge.set(received);
    if (pace === "moving") this.gauge.run();
    else this.gauge.rest();
    this.#presence.value = { type: "arriving", pace };
  }

  complete(sha256: string): void {
    this.gauge.set(this.facts.size);
    this.gauge.rest();
    this.#presence.value = { type: "complete", sha256 };
  }

  gone(reason: string): void {
    this.gauge.rest();
    this.#presence.value = { type: "gone", reason };
  }

  async draw(bytes: Blob): Promise<void> {
    if (this.#picture.value === undefined) this.#picture.value = await drawThumbnail(bytes);
  }

  /** Nobody looks at it any more. */
  dispose(): void {
    this.gauge.rest();
    this.#upload.value?.cancel();
    this.#download.value?.cancel();
    this.#picture.value?.close();
  }
}
