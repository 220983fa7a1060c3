// One HTTP request of the simulation.

import type { World } from "./carrier.js";

export interface SimulatedRequest {
  readonly body: string;
  readonly timeoutMs: number;
  /** Whether a copy may arrive late. Default true. */
  readonly mayRepeat?: boolean;
  serve(body: string, answer: (body: string) => void, isCopy: boolean): void;
  answered(body: string): void;
  failed(): void;
}

/** Sends it: it, or its answer, may be lost, late, or arrive again as an old copy. */
export function request(world: World, options: SimulatedRequest): void {
  const { timeline, random, server } = world;
  const trouble = world.isCalm ? 0 : 0.04;
  let isDone = false;
  const latency = (): number => 1 + random.below(200);
  const arrive = (isCopy: boolean): void => {
    server.awake(() => {
      const answer = (body: string): void => {
        if (isCopy || random.chance(trouble)) return;
        timeline.plan(latency(), () => {
          if (isDone) return;
          isDone = true;
          options.answered(body);
        });
      };
      options.serve(options.body, answer, isCopy);
    });
  };
  if (!random.chance(trouble)) timeline.plan(latency(), () => arrive(false));
  if (random.chance(trouble)) timeline.plan(random.below(15_000), () => arrive(true));
  timeline.plan(options.timeoutMs, () => {
    if (isDone) return;
    isDone = true;
    options.failed();
  });
}
