import type { JSX } from "preact";

/** Filled when somebody is here, a ring when not; in words for those who do not see it. */
export function PresenceDot({ isHere }: { isHere: boolean }): JSX.Element {
  return (
    <span class="presence" data-here={isHere}>
      <span class="unseen">{isHere ? "here" : "not here"} </span>
    </span>
  );
}
