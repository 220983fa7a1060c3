// What is left of a question's time: a ring for the eye, and a few words for the ear. Spoken every
// second, it would drown the question.
import type { JSX } from "preact";
import type { Asked } from "../../../shared/quiz/contract.js";

const milestones = [30, 10, 5] as const;

interface CountdownProps {
  readonly question: Asked;
  /** Milliseconds of the server's clock. */
  readonly now: number;
}

export function Countdown({ question: { opensAt, closesAt }, now }: CountdownProps): JSX.Element {
  const isOpen = now >= opensAt;
  const leftMs = Math.max(0, isOpen ? closesAt - now : opensAt - now);
  const seconds = Math.ceil(leftMs / 1_000);
  const part = isOpen ? leftMs / (closesAt - opensAt) : 1;
  return (
    <div class="countdown" data-open={isOpen} data-hurry={isOpen && seconds <= 5}>
      <svg viewBox="0 0 36 36" aria-hidden="true">
        <circle cx="18" cy="18" r="16" />
        <circle cx="18" cy="18" r="16" pathLength={100} strokeDasharray={`${part * 100} 100`} />
      </svg>
      <span aria-hidden="true">{seconds}</span>
      <span class="unseen" role="timer" aria-live="polite">
        {spoken(isOpen, seconds, (closesAt - opensAt) / 1_000)}
      </span>
    </div>
  );
}

/** The same words for as long as nothing new is to be said. */
function spoken(isOpen: boolean, seconds: number, limit: number): string {
  if (!isOpen) return "Read the question.";
  if (seconds <= 0) return "Time is up.";
  const passed = milestones.filter((milestone) => seconds <= milestone && milestone < limit);
  const latest = passed.at(-1);
  return latest === undefined ? `Answer now: ${limit} seconds.` : `${latest} seconds left.`;
}
