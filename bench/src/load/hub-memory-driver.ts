// W11: opens sessions and leaves them alone. The lab reads the server's memory around it.

import type { Deadline, Driver } from "./driver.js";
import type { HubMemoryJob } from "./job.js";
import { Absence } from "./sessions/absence.js";
import { Crowd } from "./sessions/crowd.js";

export class HubMemoryDriver implements Driver {
  readonly #job: HubMemoryJob;
  readonly #crowd: Crowd;

  constructor(job: HubMemoryJob) {
    this.#job = job;
    this.#crowd = new Crowd(job);
  }

  async prepare(): Promise<void> {}

  async run(_deadline: Deadline): Promise<number> {
    const { connections, missed } = this.#job;
    let failure: Error | undefined;
    this.#crowd.onFailure = (error) => {
      failure = error;
    };
    await this.#crowd.open();
    if (missed > 0) {
      const absence = new Absence(this.#crowd);
      await absence.begin();
      await absence.leave(missed);
    }
    if (failure !== undefined) throw failure;
    return connections;
  }
}
