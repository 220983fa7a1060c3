// W12: all links are cut, and all sessions come back at once to what they missed.

import type { Deadline, Driver } from "./driver.js";
import type { StormJob } from "./job.js";
import { Absence } from "./sessions/absence.js";
import { Crowd } from "./sessions/crowd.js";

export class StormDriver implements Driver {
  readonly #job: StormJob;
  readonly #crowd: Crowd;
  readonly #absence: Absence;

  constructor(job: StormJob) {
    this.#job = job;
    this.#crowd = new Crowd(job);
    this.#absence = new Absence(this.#crowd);
  }

  async prepare(): Promise<void> {
    await this.#crowd.open();
    await this.#absence.begin();
  }

  async arrange(): Promise<void> {
    await this.#absence.greet();
    await this.#absence.leave(this.#job.missed);
  }

  async run(_deadline: Deadline): Promise<number> {
    await this.#absence.end();
    return this.#job.connections;
  }
}
