// A modal dialog. The browser's own keeps the focus inside, closes on Escape and gives the focus
// back to where it was.
import type { ComponentChildren, JSX } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { CloseIcon } from "./icons.js";

interface DialogProps {
  readonly title: string;
  readonly class?: string;
  readonly onClose: () => void;
  readonly children: (close: () => void) => ComponentChildren;
}

export function Dialog({ title, class: className, onClose, children }: DialogProps): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // Before anyone can type: the focus goes to what has `autofocus`, or to the first button.
  useLayoutEffect(() => element.current?.showModal(), []);
  const close = () => element.current?.close();
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape is the keyboard's way, and built in.
    <dialog
      ref={element}
      class={className}
      aria-labelledby={titleId}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === element.current) close(); // Beside the content.
      }}
    >
      <article>
        <header>
          <h2 id={titleId}>{title}</h2>
          <button type="button" class="quiet square" aria-label="Close" onClick={close}>
            <CloseIcon />
          </button>
        </header>
        {children(close)}
      </article>
    </dialog>
  );
}
