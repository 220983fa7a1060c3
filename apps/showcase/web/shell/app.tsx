// The frame around every page: header, navigation, connection, and the page itself.
import { useSignal } from "@preact/signals";
import type { ComponentType, JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { PageEntry, PageProps } from "../pages/page.js";
import { pages } from "../pages/pages.js";
import type { Session } from "../session/session.js";
import { ConnectionBanner } from "./connection-banner.js";
import { ConnectionStatus } from "./connection-status.js";
import { BrandIcon, CloseIcon } from "./icons.js";
import { Navigation } from "./navigation.js";
import { addressOf, route } from "./route.js";

interface AppProps {
  readonly session: Session;
  /** Something wrong with the address, which the person should know. */
  readonly problem: string;
}

export function App({ session, problem }: AppProps): JSX.Element {
  const { page: name, rest } = route.value;
  const entry = pages.find((page) => page.name === name);
  return (
    <>
      <header class="shell-header">
        <a class="brand" href={addressOf("")} aria-label="Tidewire">
          <BrandIcon />
          <span>Tidewire</span>
        </a>
        <Navigation current={entry} />
        <ConnectionStatus session={session} />
      </header>
      <ConnectionBanner session={session} />
      <Problem text={problem} />
      {entry === undefined ? (
        <NoPage />
      ) : (
        <LoadedPage key={entry.name} entry={entry} session={session} rest={rest} />
      )}
    </>
  );
}

/** A page's code comes over the network as well, and may not. */
function LoadedPage({ entry, ...props }: { entry: PageEntry } & PageProps): JSX.Element {
  const page = useSignal<ComponentType<PageProps> | undefined>(undefined);
  const isMissing = useSignal(false);
  const load = () => {
    isMissing.value = false;
    entry.load().then(
      ({ default: Page }) => {
        page.value = Page;
      },
      () => {
        isMissing.value = true;
      },
    );
  };
  useEffect(() => {
    document.title = entry.name === "" ? "Tidewire" : `${entry.title} · Tidewire`;
    load();
  }, []);
  const Page = page.value;
  if (Page !== undefined) return <Page {...props} />;
  return (
    <main class="plain">
      {isMissing.value ? (
        <>
          <h1>This page did not load</h1>
          <p>The server could not be reached, or there is a newer version of the page.</p>
          <button type="button" onClick={() => location.reload()}>
            Reload
          </button>
        </>
      ) : (
        <p role="status">Loading…</p>
      )}
    </main>
  );
}

function NoPage(): JSX.Element {
  useEffect(() => {
    document.title = "Not found · Tidewire";
  }, []);
  return (
    <main class="plain">
      <h1>There is no such page</h1>
      <p>
        The address may have a typing error in it. <a href={addressOf("")}>Go to the start page</a>
      </p>
    </main>
  );
}

function Problem({ text }: { text: string }): JSX.Element {
  const isDismissed = useSignal(false);
  return (
    <div role="alert">
      {text && !isDismissed.value && (
        <p class="notice">
          {text}
          <button
            type="button"
            class="quiet square"
            aria-label="Dismiss"
            onClick={() => {
              isDismissed.value = true;
            }}
          >
            <CloseIcon />
          </button>
        </p>
      )}
    </div>
  );
}
