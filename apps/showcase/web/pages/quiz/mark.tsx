// The sign of an answer: a letter in a shape of its own, so that colour is never all there is.
import type { JSX } from "preact";

const shapes = [
  "M12 1.5a10.5 10.5 0 1 0 0 21 10.5 10.5 0 0 0 0-21Z",
  "M2.5 2.5h19v19h-19Z",
  "M12 .5 23.5 12 12 23.5.5 12Z",
  "M6.5 2h11L23 12l-5.5 10h-11L1 12Z",
] as const;

const letters = ["A", "B", "C", "D"] as const;

export function letterOf(answer: number): string {
  return letters[answer] ?? "?";
}

export function Mark({ answer }: { answer: number }): JSX.Element {
  return (
    <span class="mark" data-answer={answer}>
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path d={shapes[answer] ?? shapes[0]} />
      </svg>
      <b>{letterOf(answer)}</b>
    </span>
  );
}
