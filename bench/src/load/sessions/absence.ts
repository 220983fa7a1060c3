// All sessions but one lose their links at once, and miss what is said until they come back.

import type { Crowd } from "./crowd.js";
import { type Session, Wait } from "./session.js";

/** A server is told of a reset at once; polls are not, and cannot be measured so. */
const NOTICE_MS = 30_000;

export class Absence {
  readonly #crowd: Crowd;
  /** Stays, says things, and sees how many are there. */
  readonly #witness: Session;
  /** What the witness got while the others were away. */
  #missed: Buffer[] = [];

  constructor(crowd: Crowd) {
    this.#crowd = crowd;
    this.#witness = crowd.create(crowd.sessions.length);
  }

  async begin(): Promise<void> {
    await this.#witness.open(false);
  }

  /** The witness goes too. */
  dismiss(): void {
    this.#witness.cut();
  }

  /** Says something that all get, so that each knows how far it has come. */
  async greet(): Promise<void> {
    const arrived = [...this.#crowd.sessions, this.#witness].map((session) => {
      const wait = new Wait<void>("A greeting");
      session.onFailure = wait.reject;
      session.onMessage = () => wait.resolve();
      return wait.promise;
    });
    this.#witness.send(this.#crowd.event("say", "hello"));
    await Promise.all(arrived);
  }

  /** Cuts all links, waits until the server knows, and says `count` things. */
  async leave(count: number): Promise<void> {
    for (const session of this.#crowd.sessions) session.cut();
    await this.#alone();
    this.#missed = [];
    const heard = new Wait<void>("What was said meanwhile");
    this.#witness.onFailure = heard.reject;
    this.#witness.onMessage = (bytes, start, end) => {
      this.#missed.push(Buffer.from(bytes.subarray(start, end)));
      if (this.#missed.length === count) heard.resolve();
    };
    for (let index = 0; index < count; index += 1) {
      this.#witness.send(this.#crowd.event("say", `${index} ${this.#crowd.data}`));
    }
    await heard.promise;
  }

  /** Only the witness is left. */
  async #alone(): Promise<void> {
    const links = this.#crowd.request("links");
    const until = performance.now() + NOTICE_MS;
    while (performance.now() < until) {
      const { data } = await this.#crowd.ask(this.#witness, links);
      if (data === 1) return;
    }
    throw new Error("The server did not notice that all links were cut.");
  }

  /**
   * Opens all again.
   *
   * @throws {Error} unless every session goes on and gets what it missed: all of it, once, in order.
   */
  async end(): Promise<void> {
    const missed = this.#missed;
    const complete = this.#crowd.sessions.map((session) => {
      const wait = new Wait<void>("What a session missed");
      let next = 0;
      session.onFailure = wait.reject;
      session.onMessage = (bytes, start, end) => {
        const expected = missed[next];
        if (expected === undefined || !expected.equals(bytes.subarray(start, end))) {
          const text = bytes.toString("utf8", start, end).slice(0, 200);
          wait.reject(new Error(`Instead of missed event ${next + 1} came ${text}`));
          return;
        }
        next += 1;
        if (next === missed.length) wait.resolve();
      };
      return wait.promise;
    });
    const resumed = await this.#crowd.open(true);
    const { length } = this.#crowd.sessions;
    if (resumed < length) throw new Error(`Only ${resumed} of ${length} sessions went on.`);
    await Promise.all(complete);
  }
}
