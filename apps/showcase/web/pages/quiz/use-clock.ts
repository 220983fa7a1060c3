// The server's time, again and again while somebody looks at it.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { ServerClock } from "./server-clock.js";

const intervalMs = 100;

/** @param until nothing changes after that; milliseconds of the server's clock */
export function useClock(clock: ServerClock, until: number): number {
  const now = useSignal(clock.now());
  useEffect(() => {
    const timer = setInterval(() => {
      now.value = clock.now();
      if (now.value > until + 1_000) clearInterval(timer);
    }, intervalMs);
    now.value = clock.now();
    return () => clearInterval(timer);
  }, [clock, until]);
  return now.value;
}
