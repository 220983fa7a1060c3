// Code to be taken along.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useId, useRef } from "preact/hooks";
import { CopyIcon } from "../../shell/icons.js";

interface SnippetProps {
  readonly title: string;
  readonly code: string;
}

export function Snippet({ title, code }: SnippetProps): JSX.Element {
  const element = useRef<HTMLElement>(null);
  const answer = useSignal("");
  const id = useId();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(code);
      answer.value = "Copied";
    } catch {
      // Browsers give the clipboard only to pages that came over https: or from this machine.
      if (element.current) getSelection()?.selectAllChildren(element.current);
      answer.value = "Selected: now copy it";
    }
  };
  return (
    <section class="snippet" aria-labelledby={id}>
      <header>
        <h3 id={id}>{title}</h3>
        <span role="status">{answer.value}</span>
        <button type="button" class="quiet" aria-label={`Copy: ${title}`} onClick={copy}>
          <CopyIcon />
          Copy
        </button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within the keyboard's reach. */}
      <pre tabIndex={0}>
        <code ref={element}>{code.trimEnd()}</code>
      </pre>
    </section>
  );
}
