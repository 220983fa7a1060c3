// Something that the person in front of the page should know, until they have put it away. Screen readers
// say it as it comes: its place is there before it is.
import type { JSX } from "preact";
import { CloseIcon } from "./icons.js";

interface NoticeProps {
  /** Nothing is shown while it is empty. */
  readonly text: string;
  /** Not at the top of the page, but among other things. */
  readonly isBoxed?: boolean;
  readonly onDismiss: () => void;
}

export function Notice({ text, isBoxed = false, onDismiss }: NoticeProps): JSX.Element {
  return (
    <div role="alert">
      {text && (
        <p class={isBoxed ? "notice boxed" : "notice"}>
          {text}
          <button type="button" class="quiet square" aria-label="Dismiss" onClick={onDismiss}>
            <CloseIcon />
          </button>
        </p>
      )}
    </div>
  );
}
