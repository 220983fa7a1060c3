// W8: connections that open, say goodbye, and are gone.

import { Connection } from "./connection.js";
import type { Deadline, Driver } from "./driver.js";
import { createFrame, Opcode } from "./frame.js";
import type { ChurnJob } from "./job.js";

const closing = createFrame(Buffer.from([0x03, 0xe8]), { opcode: Opcode.close, masked: true });

export class ChurnDriver implements Driver {
  readonly #job: ChurnJob;
  #opened = 0;

  constructor(job: ChurnJob) {
    this.#job = job;
  }

  async prepare(): Promise<void> {
    await this.#openAndClose();
  }

  async run(deadline: Deadline): Promise<number> {
    const before = this.#opened;
    const lane = async (): Promise<void> => {
      while (!deadline.passed) await this.#openAndClose();
    };
    await Promise.all(Array.from({ length: this.#job.connections }, lane));
    return this.#opened - before;
  }

  async #openAndClose(): Promise<void> {
    const { port, tls, deflate } = this.#job;
    const index = this.#opened;
    this.#opened += 1;
    const connection = await Connection.open({ path: "/", port, tls, deflate, index });
    await new Promise<void>((resolve, reject) => {
      let answered = false;
      connection.socket.on("close", () => {
        if (answered) resolve();
        else reject(new Error("The server ended the connection without a close frame."));
      });
      connection.onBytes = (bytes) => {
        if ((bytes[0]! & 0x0f) === Opcode.close) answered = true;
        // Without `onread` a socket ends itself once the other side has; this asks for no more.
        connection.socket.end();
      };
      connection.socket.write(closing);
    });
  }
}
