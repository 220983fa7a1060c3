// A file that was said in a room, as far as this page has it. Its bytes are not kept: of a picture its
// pixels, small; of others nothing once they are saved.
import { type Signal, signal } from "@preact/signals";
import type { Attachment } from "../../../shared/chat/contract.js";
import type { FetchedFile } from "../../transfers/fetch-file.js";
import type { FileTransfer } from "../../transfers/file-transfer.js";

export class Received {
  readonly room: string;
  readonly attachment: Attachment;
  /** While it is fetched, and after that has failed. */
  readonly transfer: Signal<FileTransfer<FetchedFile> | undefined> = signal(undefined);
  readonly picture: Signal<ImageBitmap | undefined> = signal(undefined);
  /** What arrived here is what its sender has sent: its SHA-256 was compared. */
  readonly isCompared: Signal<boolean> = signal(false);

  constructor(room: string, attachment: Attachment) {
    this.room = room;
    this.attachment = attachment;
  }

  dispose(): void {
    this.transfer.value?.cancel();
    this.picture.value?.close();
  }
}
