// Files of the conversations: what is sent from here, and what is fetched. A lost connection is the
// session's business; when that is lost too, a transfer fails, says why, and can be tried again.
import { type ReadonlySignal, signal } from "@preact/signals";
import type { Attachment, PictureSize, Said } from "../../../shared/chat/contract.js";
import { attachmentBytesMax, pictureBytesMax } from "../../../shared/chat/limits.js";
import { findSizeProblem } from "../../../shared/transfers/limits.js";
import type { ShowcaseClient } from "../../session/session.js";
import { DigestError } from "../../transfers/explain.js";
import { type FetchedFile, fetchFile } from "../../transfers/fetch-file.js";
import { FileTransfer, type TransferState } from "../../transfers/file-transfer.js";
import { Lane } from "../../transfers/lane.js";
import { sendFile } from "../../transfers/send-file.js";
import { drawThumbnail, findRaster } from "../../transfers/thumbnail.js";
import { Received } from "./received.js";
import { Sending } from "./sending.js";

/** Files of one drop or choice: somebody has dropped a disk. */
const filesAtOnceMax = 10;
/** More at once do not get there sooner: they share one connection. */
const transfersAtOnce = 2;
/** Pictures that are kept drawn; each is about a megabyte. */
const keptMax = 60;
/** Twice what is shown, for fine screens. */
const edgePixels = 640;

export interface AttachmentsOptions {
  readonly client: ShowcaseClient;
  /** Says a file that has arrived; `confirm` is called before it resolves. */
  readonly say: (room: string, id: string) => Promise<unknown>;
  /** Takes what was fetched to be saved. */
  readonly save: (blob: Blob, name: string) => void;
  readonly notice: (text: string) => void;
}

export class Attachments {
  readonly #options: AttachmentsOptions;
  readonly #uploads = new Lane(transfersAtOnce);
  readonly #downloads = new Lane(transfersAtOnce);
  readonly #sending = signal<readonly Sending[]>([]);
  readonly #news = signal("");
  /** By file, the one used longest ago first. */
  readonly #received = new Map<string, Received>();

  constructor(options: AttachmentsOptions) {
    this.#options = options;
  }

  /** Oldest first. */
  get sending(): ReadonlySignal<readonly Sending[]> {
    return this.#sending;
  }

  /** What has just become of a file, for those who do not see it. */
  get news(): ReadonlySignal<string> {
    return this.#news;
  }

  send(room: string, files: readonly File[], folders: readonly string[] = []): void {
    const [folder] = folders;
    if (files.length > filesAtOnceMax) {
      const text = `These are ${files.length} files; at most ${filesAtOnceMax} are taken at once.`;
      this.#options.notice(text);
      return;
    }
    if (folder !== undefined) {
      this.#options.notice(`“${folder}” is a folder: only files are taken.`);
    }
    const sending = files.map((file) => new Sending(room, file));
    this.#sending.value = [...this.#sending.value, ...sending];
    for (const one of sending) this.#begin(one);
  }

  /** Once more, from the beginning. */
  retry(sending: Sending): void {
    sending.transfer.value = undefined;
    this.#begin(sending);
  }

  /** Gives it up, unless it is being said: nobody else has seen anything of it, or ever will. */
  cancel(sending: Sending): void {
    if (sending.isBeingSaid.value) return;
    this.#giveUp(sending);
    if (sending.transfer.value === undefined) return;
    // All of it may have left this page already.
    const { room, id } = sending;
    this.#options.client.emit("chat.drop-file", { room, id });
  }

  /** It is said: the message takes its place, and the picture. */
  confirm({ id, room, attachment }: Said): void {
    const sending = this.#drop(id);
    if (sending === undefined || attachment === undefined) return;
    this.#news.value = `${attachment.name} was sent.`;
    this.of(room, attachment).picture.value = sending.picture.value;
  }

  of(room: string, attachment: Attachment): Received {
    const known = this.#received.get(attachment.file);
    const received = known ?? new Received(room, attachment);
    this.#received.delete(attachment.file);
    this.#received.set(attachment.file, received);
    if (this.#received.size > keptMax) this.#forgetOldest();
    return received;
  }

  /** Whether `show` fetches it. */
  isShown(received: Received): boolean {
    const { picture, size } = received.attachment;
    if (picture === undefined || size > pictureBytesMax || received.isCompared.value) return false;
    return received.picture.value === undefined && received.transfer.value === undefined;
  }

  /** Fetches what seems to be a picture to be looked at, once, unless it is large. */
  show(received: Received): void {
    if (!this.isShown(received)) return;
    this.#fetch(received, async (blob) => {
      received.picture.value = await drawThumbnail(blob, edgePixels);
    });
  }

  save(received: Received): void {
    if (received.transfer.value?.isOpen) return;
    const { name } = received.attachment;
    this.#fetch(received, (blob) => this.#options.save(blob, name));
  }

  /** Gives up what is under way. */
  dispose(): void {
    for (const sending of this.#sending.value) this.#giveUp(sending);
    for (const received of this.#received.values()) received.dispose();
    this.#received.clear();
  }

  async #begin(sending: Sending): Promise<void> {
    const { id, room, file } = sending;
    const problem = findSizeProblem(file, { fileBytesMax: attachmentBytesMax });
    if (problem !== undefined) {
      sending.refuse(problem);
      this.#news.value = problem;
      return;
    }
    const picture = await measure(file);
    if (sending.isOver) return;
    const meta = { room, id, ...(picture && { picture }) };
    const { client } = this.#options;
    const what = { client, stream: "chat.attach", file, meta } as const;
    sending.transfer.value = new FileTransfer<unknown>({
      size: file.size,
      lane: this.#uploads,
      begin: (tell) => {
        const attempt = sendFile(what, tell);
        return { ...attempt, result: attempt.result.then(() => this.#say(sending)) };
      },
      onEnd: (state) => this.#sent(sending, state),
    });
    if (picture === undefined) return;
    const drawn = await drawThumbnail(file, edgePixels);
    if (sending.isOver) drawn?.close();
    else sending.picture.value = drawn;
  }

  async #say(sending: Sending): Promise<void> {
    if (sending.isOver) return;
    sending.isBeingSaid.value = true;
    try {
      await this.#options.say(sending.room, sending.id);
    } finally {
      sending.isBeingSaid.value = false;
    }
  }

  #giveUp(sending: Sending): void {
    sending.end();
    sending.picture.value?.close();
    this.#drop(sending.id);
  }

  #sent({ file }: Sending, state: TransferState<unknown>): void {
    if (state.type === "failed") this.#news.value = `${file.name} was not sent. ${state.reason}`;
  }

  #fetch(received: Received, take: (blob: Blob) => unknown): void {
    const { room, attachment } = received;
    const { file, size, sha256 } = attachment;
    const { client } = this.#options;
    const what = { client, stream: "chat.fetch", data: { room, file }, size } as const;
    received.transfer.value = new FileTransfer<FetchedFile>({
      size,
      lane: this.#downloads,
      begin: (tell) => {
        const attempt = fetchFile(what, tell);
        return { ...attempt, result: attempt.result.then((it) => compare(it, sha256)) };
      },
      onEnd: (state) => {
        if (state.type !== "done") return;
        received.isCompared.value = true;
        received.transfer.value = undefined;
        take(state.result.blob);
      },
    });
  }

  #drop(id: string): Sending | undefined {
    const sending = this.#sending.value.find((one) => one.id === id);
    this.#sending.value = this.#sending.value.filter((one) => one !== sending);
    return sending;
  }

  #forgetOldest(): void {
    const [entry] = this.#received;
    if (entry === undefined) return;
    this.#received.delete(entry[0]);
    entry[1].dispose();
  }
}

/** With what was said in the room: the server says the same at both ends, or something is wrong. */
function compare(fetched: FetchedFile, sha256: string): FetchedFile {
  if (fetched.sha256 === sha256) return fetched;
  const reason = `What arrived is not what was said: SHA-256 ${fetched.sha256}, not ${sha256}.`;
  throw new DigestError(reason);
}

async function measure(file: File): Promise<PictureSize | undefined> {
  try {
    const raster = await findRaster(file);
    return raster && { width: raster.width, height: raster.height };
  } catch {
    return undefined; // The transfer says that it cannot be read.
  }
}
