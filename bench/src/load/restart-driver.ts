// W12 after a restart: all clients name sessions of the process that is gone, get new ones, and the
// first thing that is said reaches all.

import type { Deadline, Driver } from "./driver.js";
import type { RestartJob } from "./job.js";
import { Crowd } from "./sessions/crowd.js";

export class RestartDriver implements Driver {
  readonly #crowd: Crowd;

  constructor(job: RestartJob) {
    this.#crowd = new Crowd(job);
  }

  async prepare(): Promise<void> {
    for (const session of this.#crowd.sessions) session.forge();
  }

  async run(_deadline: Deadline): Promise<number> {
    const crowd = this.#crowd;
    const resumed = await crowd.open(true);
    if (resumed > 0) throw new Error(`${resumed} sessions went on that never were.`);
    await crowd.sayToAll(crowd.event("say"));
    return crowd.sessions.length;
  }
}
