// Files in conversations: which room each is in, and how many a person may have. The bytes are the
// store's business. A file is said once it is there as a whole and its page says so: what is in a history
// can be fetched, a receipt means what it says, and one that is given up leaves nothing with others.
import { randomUUID } from "node:crypto";
import { FailureError, type HubStream, type Upload } from "@tidewire/hub";
import type { Attachment, PictureSize } from "../../../shared/chat/contract.js";
import { attachmentBytesMax } from "../../../shared/chat/limits.js";
import { formatMinutes } from "../../../shared/transfers/format.js";
import { findSizeProblem } from "../../../shared/transfers/limits.js";
import type { FileStore } from "../../transfers/file-store.js";
import type { StoredFile } from "../../transfers/stored-file.js";
import { attachmentsPerPersonMax, downloadsMax, uploadsMax } from "./limits.js";

export interface AttachmentClaim {
  /** That it comes from; what it has not said goes with it. */
  readonly session: string;
  readonly room: string;
  readonly owner: string;
  /** The id of the message that it is for. */
  readonly message: string;
  readonly picture: PictureSize | undefined;
}

interface Kept {
  readonly file: StoredFile;
  readonly claim: AttachmentClaim;
  /** What there is to say, once it is there as a whole. */
  attachment: Attachment | undefined;
  isSaid: boolean;
}

/** How many transfers a session has under way. */
interface UnderWay {
  uploads: number;
  downloads: number;
}

export class Attachments {
  readonly #store: FileStore;
  /** By the id that the store knows them by, oldest first. */
  readonly #kept = new Map<string, Kept>();
  readonly #underWay = new Map<string, UnderWay>();

  constructor(store: FileStore) {
    this.#store = store;
  }

  /**
   * Takes a file to its end.
   * @throws {FailureError} that names the limit, or why it did not arrive
   */
  receive(claim: AttachmentClaim, upload: Upload): Promise<Attachment> {
    return this.#while(claim.session, "uploads", uploadsMax, async () => {
      const { owner, picture } = claim;
      const { name, size } = upload.file;
      const problem = findSizeProblem({ name, size }, { fileBytesMax: attachmentBytesMax });
      if (problem !== undefined) throw new FailureError("too-large", problem);
      this.#checkCount(owner);
      // Not an id of the files page, where whoever knows one may fetch the file.
      const id = `chat-${randomUUID()}`;
      const gone = (): void => {
        this.#kept.delete(id);
      };
      const file = this.#store.announce({ id, name, size, owner }, { gone });
      const kept: Kept = { file, claim, attachment: undefined, isSaid: false };
      this.#kept.set(id, kept);
      const sha256 = await this.#store.receive(file, upload);
      const attachment = { file: id, name: file.facts.name, size, sha256 };
      kept.attachment = { ...attachment, ...(picture && { picture }) };
      return kept.attachment;
    });
  }

  /** What has arrived for a message, to be said now. @throws {FailureError} `missing` */
  take(room: string, owner: string, message: string): Attachment {
    const kept = this.#unsaid(room, owner, message).find(({ attachment }) => attachment);
    if (kept?.attachment === undefined) {
      throw new FailureError("missing", "The server does not have this file. Send it again.");
    }
    kept.isSaid = true;
    return kept.attachment;
  }

  /** Its page has given it up, whether it has arrived or not. */
  drop(room: string, owner: string, message: string): void {
    const reason = new FailureError("cancelled", "It was cancelled by its sender.");
    for (const { file } of this.#unsaid(room, owner, message)) this.#remove(file, reason);
  }

  /** A session has left a room: what it has not said there, it never will. */
  dropOf(session: string, room: string): void {
    const reason = new FailureError("not-in-room", `You are not in the room “${room}” any more.`);
    for (const { file, claim, isSaid } of this.#kept.values()) {
      if (!isSaid && claim.session === session && claim.room === room) this.#remove(file, reason);
    }
  }

  /** Sends a file of that room. @throws {FailureError} `gone`, `busy` */
  async send(
    session: string,
    room: string,
    id: string,
    stream: Pick<HubStream<undefined, Uint8Array>, "signal" | "send">,
  ): Promise<{ sha256: string | undefined }> {
    const kept = this.#kept.get(id);
    // Of a file in another room nobody here learns that it exists.
    if (kept === undefined || kept.claim.room !== room || kept.file.sha256 === undefined) {
      const reason = "This file is not kept any more: files go with the messages, after an hour.";
      throw new FailureError("gone", reason);
    }
    return this.#while(session, "downloads", downloadsMax, async () => {
      for await (const chunk of kept.file.read(stream.signal)) await stream.send(chunk);
      return { sha256: kept.file.sha256 };
    });
  }

  /** The message is not kept any more. */
  remove({ file: id }: Attachment): void {
    const kept = this.#kept.get(id);
    if (kept === undefined) return;
    this.#remove(kept.file, new FailureError("expired", "Its message has expired."));
  }

  /** More than one when it is sent again while an earlier session has not ended yet. */
  #unsaid(room: string, owner: string, message: string): Kept[] {
    return [...this.#kept.values()].filter(
      ({ claim, isSaid }) =>
        !isSaid && claim.room === room && claim.owner === owner && claim.message === message,
    );
  }

  #remove(file: StoredFile, reason: FailureError): void {
    // A file that the disk does not give up goes with the store.
    this.#store.remove(file, reason).catch(() => {});
  }

  #checkCount(owner: string): void {
    const own = [...this.#kept.values()].filter(({ file }) => file.facts.owner === owner);
    const [oldest] = own;
    if (oldest === undefined || own.length < attachmentsPerPersonMax) return;
    const reason =
      `You have ${own.length} files in conversations, which is the most. Each goes after ` +
      `${formatMinutes(this.#store.limits.keepMs)}; the files page takes more.`;
    throw new FailureError("too-many-files", reason);
  }

  async #while<Result>(
    session: string,
    kind: keyof UnderWay,
    max: number,
    run: () => Promise<Result>,
  ): Promise<Result> {
    const count = this.#underWay.get(session) ?? { uploads: 0, downloads: 0 };
    if (count[kind] >= max) throw new FailureError("busy", `At most ${max} ${kind} at once.`);
    count[kind] += 1;
    this.#underWay.set(session, count);
    try {
      return await run();
    } finally {
      count[kind] -= 1;
      if (count.uploads + count.downloads === 0) this.#underWay.delete(session);
    }
  }
}
