// Virtual time for a hub: nothing happens but by `settle` and `pass`.

import { Random, Timeline } from "@tidewire/session-protocol/testing";
import type { Platform } from "../../src/platform.js";

export class VirtualWorld {
  readonly timeline: Timeline = new Timeline();
  readonly random: Random;
  /** Timers that wait. */
  timers = 0;

  constructor(seed: number = 1) {
    this.random = new Random(seed);
  }

  get platform(): Platform {
    return {
      now: () => this.timeline.now,
      after: (ms, run) => {
        let isOn = true;
        this.timers += 1;
        const stop = (): void => {
          if (isOn) this.timers -= 1;
          isOn = false;
        };
        this.timeline.plan(ms, () => {
          if (!isOn) return;
          stop();
          run();
        });
        return stop;
      },
      randomBytes: (length) => Uint8Array.from({ length }, () => this.random.below(256)),
      random: () => this.random.next(),
    };
  }

  /** Everything that is due now, and all promises that follow from it. */
  async settle(): Promise<void> {
    await this.pass(0);
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    const until = this.timeline.now + ms;
    this.timeline.plan(ms, () => {});
    await microtasks();
    while (this.timeline.nextAt <= until) {
      const at = this.timeline.nextAt;
      while (this.timeline.nextAt <= at) this.timeline.step();
      await microtasks();
    }
  }
}

/** Lets all promises go on that can. */
function microtasks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
