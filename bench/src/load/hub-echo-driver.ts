// W11 and W13: every session sends an event or a request, waits for what comes back, and sends again.

import type { Deadline, Driver } from "./driver.js";
import type { HubEchoJob } from "./job.js";
import { Crowd, checkSaid } from "./sessions/crowd.js";
import type { Message, Session } from "./sessions/session.js";

export class HubEchoDriver implements Driver {
  readonly #crowd: Crowd;
  readonly #message: Message;
  readonly #answer: string | undefined;
  #count = 0;
  #busy = 0;
  #deadline: Deadline | undefined;
  #finish: () => void = () => {};
  #fail: (error: Error) => void = () => {};

  constructor(job: HubEchoJob) {
    this.#crowd = new Crowd(job);
    const asks = job.kind === "hub-ask";
    this.#message = asks ? this.#crowd.request("ask") : this.#crowd.event("echo");
    this.#answer = asks ? undefined : "echo";
  }

  async prepare(): Promise<void> {
    const crowd = this.#crowd;
    await crowd.open();
    for (const session of crowd.sessions) {
      checkSaid(await crowd.ask(session, this.#message), this.#answer, crowd.data);
      session.onMessage = () => this.#answered(session);
    }
    crowd.onFailure = (error) => this.#fail(error);
  }

  async run(deadline: Deadline): Promise<number> {
    this.#count = 0;
    this.#deadline = deadline;
    this.#busy = this.#crowd.sessions.length;
    const finished = new Promise<void>((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
    for (const session of this.#crowd.sessions) session.send(this.#message);
    await finished;
    return this.#count;
  }

  #answered(session: Session): void {
    this.#count += 1;
    if (!this.#deadline?.passed) session.send(this.#message);
    else {
      this.#busy -= 1;
      if (this.#busy === 0) this.#finish();
    }
  }
}
