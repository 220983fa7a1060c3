// The program of the page: a client whose every observation the test can read as `globalThis.page`.

import {
  type Client,
  type ClientOptions,
  connect,
  type LinkedInfo,
  type Position,
  type Progress,
  sha256,
} from "@tidewire/client";

export interface PageOptions {
  readonly transports?: ClientOptions["transports"];
  /** In place of chance, so that pauses are short. Left out: chance. */
  readonly random?: number;
}

export class PageProgram {
  client: Client | undefined;
  /** Numbers that came, in the order in which they came. */
  readonly down: number[] = [];
  /** Texts of the room and their places. */
  readonly said: { text: string; offset: number | undefined }[] = [];
  readonly linked: LinkedInfo[] = [];
  /** The transports of the live link, one after the other. */
  readonly transports: string[] = [];
  readonly failures: string[] = [];
  readonly lost: unknown[] = [];
  readonly errors: string[] = [];
  readonly progress: Progress[] = [];
  /** Whether each `replay` had all that was missed. */
  readonly replays: boolean[] = [];
  sent = 0;

  start({ transports, random }: PageOptions): void {
    const client = connect("/tidewire", {
      ...(transports === undefined ? {} : { transports }),
      ...(random === undefined ? {} : { platform: { random: () => random } }),
    });
    this.client = client;
    client.on("down", (number) => this.down.push(number as number));
    client.on("said", (text, { offset }) => this.said.push({ text: text as string, offset }));
    client.watch("linked", (info) => {
      this.linked.push(info);
      const since = client.position("lobby");
      if (info.answer !== "resumed" && !info.first && since !== undefined) this.#recover(since);
    });
    client.watch("state", (_, transport) => {
      if (transport !== undefined && transport !== this.transports.at(-1)) {
        this.transports.push(transport);
      }
    });
    client.watch("failure", ({ reason }) => this.failures.push(reason));
    client.watch("lost", (messages) => this.lost.push(...messages));
    client.watch("error", (error) => this.errors.push(String(error)));
  }

  /** Emits the next numbers. */
  send(count: number): void {
    for (const end = this.sent + count; this.sent < end; this.sent += 1) {
      this.client?.emit("up", this.sent);
    }
  }

  /** Uploads bytes that are easy to tell apart; answers their digest and the server's answer. */
  async upload(length: number): Promise<{ digest: string; answer: unknown }> {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 1) bytes[at] = (at * 31 + (at >> 8)) & 0xff;
    const blob = new Blob([bytes], { type: "application/octet-stream" });
    const digest = await sha256(blob);
    const answer = await this.client?.upload("file", blob, {
      sha256: digest,
      onProgress: (step) => this.progress.push(step),
    });
    return { digest, answer };
  }

  #recover(since: Position): void {
    this.client?.request("catchUp", since).then(
      (complete) => this.replays.push(complete as boolean),
      (error: unknown) => this.errors.push(String(error)),
    );
  }
}

declare global {
  var page: PageProgram;
}
globalThis.page = new PageProgram();
