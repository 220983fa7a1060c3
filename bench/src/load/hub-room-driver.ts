// W11 and W13: one member of a room says something, and goes on when all members have it, itself too.

import type { Deadline, Driver } from "./driver.js";
import type { HubRoomJob } from "./job.js";
import { Crowd } from "./sessions/crowd.js";
import type { Message } from "./sessions/session.js";

export class HubRoomDriver implements Driver {
  readonly #job: HubRoomJob;
  readonly #crowd: Crowd;
  readonly #message: Message;
  #count = 0;
  #outstanding = 0;
  #deadline: Deadline | undefined;
  #finish: () => void = () => {};
  #fail: (error: Error) => void = () => {};

  constructor(job: HubRoomJob) {
    this.#job = job;
    this.#crowd = new Crowd(job);
    this.#message = this.#crowd.event("say");
  }

  async prepare(): Promise<void> {
    const crowd = this.#crowd;
    await crowd.open();
    await crowd.sayToAll(this.#message);
    for (const session of crowd.sessions) session.onMessage = () => this.#delivered();
    crowd.onFailure = (error) => this.#fail(error);
  }

  async run(deadline: Deadline): Promise<number> {
    this.#count = 0;
    this.#deadline = deadline;
    const finished = new Promise<void>((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
    this.#say();
    await finished;
    return this.#count;
  }

  #say(): void {
    const { connections, burst } = this.#job;
    this.#outstanding = connections * burst;
    const { text, frame } = this.#message;
    // A burst is one write.
    const frames = burst === 1 ? frame : Buffer.concat(Array.from({ length: burst }, () => frame));
    this.#crowd.sessions[0]!.send({ text, frame: frames });
  }

  #delivered(): void {
    this.#count += 1;
    this.#outstanding -= 1;
    if (this.#outstanding > 0) return;
    if (this.#outstanding < 0) this.#fail(new Error("A member got a message twice."));
    else if (this.#deadline?.passed) this.#finish();
    else this.#say();
  }
}
