// Where everybody gathers: how to join, and who has.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { HostView } from "../../../shared/quiz/contract.js";
import type { HostModel } from "./host-model.js";
import { spaced } from "./host-page.js";
import { joinAddress } from "./join-address.js";
import { QrCode } from "./qr-code.js";
import { numberOf } from "./words.js";

export function HostLobby({ host, view }: { host: HostModel; view: HostView }): JSX.Element {
  const { code, progress } = view;
  const { shown, url, isReachable } = joinAddress(code, host.hosts.value, location);
  return (
    <>
      <section class="invitation" aria-label="How to join">
        <div>
          <p class="step">Join at</p>
          <p class="address">
            <a href={url} target="_blank" rel="noreferrer">
              {shown}
            </a>
          </p>
          <p class="step">with the code</p>
          <p class="code" role="img" aria-label={`Code ${[...code].join(" ")}`}>
            {spaced(code)}
          </p>
          <CopyLink url={url} />
        </div>
        {isReachable ? (
          <figure>
            <QrCode text={url} label={`QR code of ${url}`} />
            <figcaption>or with a phone's camera</figcaption>
          </figure>
        ) : (
          <p class="unreachable">
            This server listens to this machine only, so tabs can join, but no phones. For phones,
            start it with <code>npm start -- --host 0.0.0.0</code>
          </p>
        )}
      </section>
      <section class="gathered" aria-labelledby="gathered">
        <h2 id="gathered">
          {progress.players === 0 ? "Waiting for players…" : `${numberOf(progress.players)} in`}
        </h2>
        <Names host={host} view={view} />
      </section>
    </>
  );
}

function Names({ host, view }: { host: HostModel; view: HostView }): JSX.Element {
  const { newest, players } = view.progress;
  const others = players - newest.length;
  return (
    <ul class="names">
      {newest.map(({ id, nickname }) => (
        <li key={id}>
          <button
            type="button"
            class="name"
            title="Remove from the game"
            aria-label={`Remove ${nickname} from the game`}
            onClick={() => host.remove(id)}
          >
            <bdi>{nickname}</bdi>
          </button>
        </li>
      ))}
      {others > 0 && <li class="others">and {numberOf(others)} more</li>}
    </ul>
  );
}

function CopyLink({ url }: { url: string }): JSX.Element {
  const answer = useSignal("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(url);
      answer.value = "Copied";
    } catch {
      // Browsers give the clipboard only to pages that came over https: or from this machine.
      answer.value = url;
    }
  };
  return (
    <p class="copy-link">
      <button type="button" class="quiet" onClick={copy}>
        Copy the link
      </button>
      <span role="status">{answer.value}</span>
    </p>
  );
}
