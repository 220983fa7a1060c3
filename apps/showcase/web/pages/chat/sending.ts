// A file that we send to a room: from the moment it is chosen until it is said.
import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { randomId } from "../../session/tab-token.js";
import type { FileTransfer } from "../../transfers/file-transfer.js";

export class Sending {
  /** The message's; it stays the same in every attempt, so that it is said once. */
  readonly id: string = randomId();
  readonly room: string;
  readonly file: File;
  /** Undefined until it has begun. */
  readonly transfer: Signal<FileTransfer<unknown> | undefined> = signal(undefined);
  /** Drawn from the file itself, if it is a picture. */
  readonly picture: Signal<ImageBitmap | undefined> = signal(undefined);
  readonly #refusal = signal("");
  /** It has arrived, and the word to say it is on its way: too late to cancel. */
  readonly isBeingSaid: Signal<boolean> = signal(false);
  #isOver = false;

  constructor(room: string, file: File) {
    this.room = room;
    this.file = file;
  }

  /** Why it was not even begun. */
  get refusal(): ReadonlySignal<string> {
    return this.#refusal;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  refuse(reason: string): void {
    this.#refusal.value = reason;
  }

  /** Nothing more comes of it. */
  end(): void {
    this.#isOver = true;
    this.transfer.value?.cancel();
  }
}
