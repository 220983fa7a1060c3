// The way from page to page: words in the header, and in a narrow window a menu.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { PageEntry } from "../pages/page.js";
import { pages } from "../pages/pages.js";
import { Dialog } from "./dialog.js";
import { MenuIcon } from "./icons.js";
import { hasMenu } from "./narrow.js";
import { addressOf } from "./route.js";

export function Navigation({ current }: { current: PageEntry | undefined }): JSX.Element {
  const isOpen = useSignal(false);
  if (!hasMenu.value) return <Links current={current} />;
  return (
    <>
      <button
        type="button"
        class="quiet square menu-button"
        aria-label="Pages"
        aria-haspopup="dialog"
        onClick={() => {
          isOpen.value = true;
        }}
      >
        <MenuIcon />
      </button>
      {isOpen.value && (
        <Dialog
          title="Pages"
          class="panel"
          onClose={() => {
            isOpen.value = false;
          }}
        >
          {(close) => <Links current={current} onChosen={close} />}
        </Dialog>
      )}
    </>
  );
}

interface LinksProps {
  readonly current: PageEntry | undefined;
  readonly onChosen?: () => void;
}

function Links({ current, onChosen }: LinksProps): JSX.Element {
  return (
    <nav class="pages" aria-label="Pages">
      {pages.map((page) => (
        <a
          key={page.name}
          href={addressOf(page.name)}
          aria-current={page === current ? "page" : undefined}
          onClick={onChosen}
        >
          {page.title}
        </a>
      ))}
    </nav>
  );
}
