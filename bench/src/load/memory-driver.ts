// W7: opens connections and leaves them alone. The lab reads the server's memory around it.

import { type Connection, openMany } from "./connection.js";
import type { Deadline, Driver } from "./driver.js";
import type { MemoryJob } from "./job.js";
import { createRequests } from "./requests.js";
import { verify } from "./verify.js";

/** Verified in small groups: the server is meant to be at rest, not to prove its speed. */
const GROUP = 100;

export class MemoryDriver implements Driver {
  readonly #job: MemoryJob;
  readonly #connections: Connection[] = [];

  constructor(job: MemoryJob) {
    this.#job = job;
  }

  async prepare(): Promise<void> {}

  async run(_deadline: Deadline): Promise<number> {
    const { connections, port, tls, deflate } = this.#job;
    const opened = await openMany(connections, { path: "/", port, tls, deflate });
    this.#connections.push(...opened);
    if (this.#job.echoFirst) await this.#echo(opened);
    for (const connection of this.#connections) {
      if (connection.ended) throw new Error("The server closed an idle connection.");
    }
    return opened.length;
  }

  async #echo(connections: readonly Connection[]): Promise<void> {
    const { opcode, payloadBytes, deflate } = this.#job;
    const all = createRequests(opcode, payloadBytes, 1, deflate);
    const one = { ...all, first: all.first.slice(0, 1), expected: all.expected.slice(0, 1) };
    for (let from = 0; from < connections.length; from += GROUP) {
      const group = connections.slice(from, from + GROUP);
      await Promise.all(group.map((each) => verify(each, [each], one, deflate === "context")));
    }
  }
}
