// W1–W5 and W9: every connection sends, waits for all answers, and sends again.

import { type Connection, openMany } from "./connection.js";
import type { Deadline, Driver } from "./driver.js";
import { FrameReader } from "./frame-reader.js";
import type { EchoJob } from "./job.js";
import { createRequests, type Requests } from "./requests.js";
import { verify } from "./verify.js";

export class EchoDriver implements Driver {
  readonly #job: EchoJob;
  readonly #requests: Requests;
  #connections: Connection[] = [];
  #count = 0;
  #busy = 0;
  #deadline: Deadline | undefined;
  #finish: () => void = () => {};
  #fail: (error: Error) => void = () => {};

  constructor(job: EchoJob) {
    this.#job = job;
    this.#requests = createRequests(job.opcode, job.payloadBytes, job.burst, job.deflate);
  }

  async prepare(): Promise<void> {
    const { connections, port, tls, deflate } = this.#job;
    this.#connections = await openMany(connections, {
      path: "/",
      port,
      tls,
      deflate,
      onEnd: () => this.#fail(new Error("The server closed a connection.")),
    });
    for (const connection of this.#connections) {
      if (deflate !== "off" && !connection.extensions.includes("permessage-deflate")) {
        throw new Error("The server did not agree to compress.");
      }
      const noContext = connection.extensions.includes("server_no_context_takeover");
      if (deflate === "context" && noContext) throw new Error("The server keeps no context.");
      const context = deflate === "context" || (deflate === "default" && !noContext);
      await verify(connection, [connection], this.#requests, context);
      connection.onBytes = this.#counter(connection);
    }
  }

  async run(deadline: Deadline): Promise<number> {
    this.#count = 0;
    this.#deadline = deadline;
    this.#busy = this.#connections.length;
    const finished = new Promise<void>((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
    for (const connection of this.#connections) connection.onBytes(Buffer.alloc(0));
    await finished;
    this.#fail = () => {};
    return this.#count;
  }

  receivedBytes(): number {
    return this.#connections.reduce((sum, { socket }) => sum + socket.bytesRead, 0);
  }

  /** Called with nothing, it begins. */
  #counter(connection: Connection): (bytes: Buffer) => void {
    const { answerBytes } = this.#requests;
    return answerBytes === undefined
      ? this.#frameCounter(connection)
      : this.#byteCounter(connection, answerBytes * this.#job.burst);
  }

  #byteCounter(connection: Connection, awaitedBytes: number): (bytes: Buffer) => void {
    const request = this.#requests.again[0]!;
    const { burst } = this.#job;
    let awaited = 0;
    return ({ length }) => {
      if (length > 0) {
        awaited -= length;
        if (awaited > 0) return;
        if (awaited < 0) return this.#fail(new Error("The server sent more than the answers."));
        this.#count += burst;
        if (this.#deadline?.passed) return this.#done();
      }
      awaited = awaitedBytes;
      connection.socket.write(request);
    };
  }

  #frameCounter(connection: Connection): (bytes: Buffer) => void {
    const { again } = this.#requests;
    let next = 0;
    const send = (): void => {
      connection.socket.write(again[next]!);
      next = (next + 1) % again.length;
    };
    const reader = new FrameReader((first) => {
      if ((first & 0x80) === 0) return;
      this.#count += 1;
      if (this.#deadline?.passed) this.#done();
      else send();
    });
    return (bytes) => (bytes.length === 0 ? send() : reader.receive(bytes));
  }

  #done(): void {
    this.#busy -= 1;
    if (this.#busy === 0) this.#finish();
  }
}
