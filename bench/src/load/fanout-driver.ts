// W6 and W9's fan-out: one connection publishes, all others must have everything before it goes on.

import { Connection, openMany } from "./connection.js";
import type { Deadline, Driver } from "./driver.js";
import { FrameReader } from "./frame-reader.js";
import type { FanoutJob } from "./job.js";
import { createRequests, type Requests } from "./requests.js";
import { verify } from "./verify.js";

export class FanoutDriver implements Driver {
  readonly #job: FanoutJob;
  readonly #requests: Requests;
  #publisher: Connection | undefined;
  #subscribers: Connection[] = [];
  #count = 0;
  /** Messages that some subscriber has yet to get. */
  #outstanding = 0;
  #next = 0;
  #deadline: Deadline | undefined;
  #finish: () => void = () => {};
  #fail: (error: Error) => void = () => {};

  constructor(job: FanoutJob) {
    this.#job = job;
    this.#requests = createRequests(job.opcode, job.payloadBytes, job.burst, job.deflate);
  }

  async prepare(): Promise<void> {
    const { connections, port, tls, deflate } = this.#job;
    const options = {
      port,
      tls,
      deflate,
      onEnd: () => this.#fail(new Error("The server closed a connection.")),
    };
    this.#subscribers = await openMany(connections, { ...options, path: "/subscribe" });
    this.#publisher = await Connection.open({ ...options, path: "/publish", index: connections });
    const context = this.#subscribers[0]!.extensions.includes("server_no_context_takeover");
    await verify(this.#publisher, this.#subscribers, this.#requests, deflate !== "off" && !context);
    for (const subscriber of this.#subscribers) subscriber.onBytes = this.#counter();
  }

  async run(deadline: Deadline): Promise<number> {
    this.#count = 0;
    this.#deadline = deadline;
    const finished = new Promise<void>((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
    this.#publish();
    await finished;
    this.#fail = () => {};
    return this.#count;
  }

  receivedBytes(): number {
    return this.#subscribers.reduce((sum, { socket }) => sum + socket.bytesRead, 0);
  }

  #publish(): void {
    const { again, answerBytes } = this.#requests;
    const { burst, connections } = this.#job;
    this.#outstanding = connections * (answerBytes === undefined ? 1 : burst);
    this.#publisher!.socket.write(again[this.#next]!);
    this.#next = (this.#next + 1) % again.length;
  }

  #counter(): (bytes: Buffer) => void {
    const { answerBytes } = this.#requests;
    if (answerBytes === undefined) {
      const reader = new FrameReader((first) => {
        if ((first & 0x80) !== 0) this.#delivered(1);
      });
      return (bytes) => reader.receive(bytes);
    }
    let received = 0;
    return ({ length }) => {
      received += length;
      if (received < answerBytes) return;
      const count = Math.floor(received / answerBytes);
      received -= count * answerBytes;
      this.#delivered(count);
    };
  }

  #delivered(count: number): void {
    this.#count += count;
    this.#outstanding -= count;
    if (this.#outstanding > 0) return;
    if (this.#outstanding < 0) this.#fail(new Error("A subscriber got a message twice."));
    else if (this.#deadline?.passed) this.#finish();
    else this.#publish();
  }
}
