// W12 after a restart: all clients name sessions of the process that is gone, get new ones, and the
// first thing that is said reaches all.

import type { Deadline, Driver } from "./driver.js";
import type { RestartJob } from "./job.js";
import { Crowd, checkSaid } from "./sessions/crowd.js";
import { type Said, Wait } from "./sessions/session.js";

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
    const answers = crowd.sessions.map((session) => {
      const answer = new Wait<Said>("What was said");
      session.onFailure = answer.reject;
      session.onMessage = (bytes, start, end) =>
        answer.resolve(crowd.language.read(bytes.toString("utf8", start, end)));
      return answer.promise;
    });
    crowd.sessions[0]!.send(crowd.event("say"));
    for (const said of await Promise.all(answers)) checkSaid(said, "said", crowd.data);
    return crowd.sessions.length;
  }
}
