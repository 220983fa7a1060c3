// Where files are dropped; a press on its button, or a tap, opens the chooser instead.
import type { ComponentChildren, JSX } from "preact";
import { useRef } from "preact/hooks";
import { UploadIcon } from "../../transfers/icons.js";

interface DropZoneProps {
  /** Files are held over the page. */
  readonly isOver: boolean;
  /** There is something else to look at. */
  readonly isSmall: boolean;
  readonly onFiles: (files: readonly File[]) => void;
  readonly children: ComponentChildren;
}

export function DropZone({ isOver, isSmall, onFiles, children }: DropZoneProps): JSX.Element {
  const chooser = useRef<HTMLInputElement>(null);
  return (
    <section class="drop-zone" data-over={isOver} data-small={isSmall} aria-label="Send files">
      <UploadIcon />
      <p class="invitation">{isOver ? "Let go to send" : "Drop files anywhere on this page"}</p>
      <button type="button" onClick={() => chooser.current?.click()}>
        Choose files
      </button>
      <input
        ref={chooser}
        type="file"
        multiple
        hidden
        aria-label="Files to send"
        onChange={({ currentTarget }) => {
          onFiles([...(currentTarget.files ?? [])]);
          currentTarget.value = ""; // The same file may be chosen again.
        }}
      />
      {children}
    </section>
  );
}
