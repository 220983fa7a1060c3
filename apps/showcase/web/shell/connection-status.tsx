// The state of the connection in the header: a word, and the transport in use, which opens the rest.
import { useSignal } from "@preact/signals";
import type { TransportName } from "@tidewire/client";
import type { JSX } from "preact";
import type { Session } from "../session/session.js";
import { transportNames, transportWords } from "../session/transports.js";
import { Dialog } from "./dialog.js";

const words = {
  connecting: "Connecting…",
  online: "Online",
  offline: "Offline",
  closed: "Closed",
} as const;

export function ConnectionStatus({ session }: { session: Session }): JSX.Element {
  const isOpen = useSignal(false);
  const shown = shownState(session);
  const transport = session.transport.value;
  return (
    <div class="connection">
      <span class="status" data-state={shown} role="status" aria-label="Connection">
        {words[shown]}
      </span>
      {transport !== undefined && (
        <button
          type="button"
          class="quiet transport"
          title={transportWords[transport].explanation}
          aria-label={`Transport: ${transportWords[transport].label}. About this connection`}
          onClick={() => {
            isOpen.value = true;
          }}
        >
          {transportWords[transport].label}
        </button>
      )}
      {isOpen.value && (
        <Dialog
          title="This connection"
          onClose={() => {
            isOpen.value = false;
          }}
        >
          {() => <Details session={session} />}
        </Dialog>
      )}
    </div>
  );
}

/** Attempts in between are shown in the banner. A screen reader says only what changes here. */
function shownState(session: Session): keyof typeof words {
  const state = session.state.value;
  if (state === "connected") return "online";
  if (state === "closed") return "closed";
  return session.outage.value === undefined ? "connecting" : "offline";
}

function Details({ session }: { session: Session }): JSX.Element {
  const transport = session.transport.value;
  const linked = session.linked.value;
  return (
    <>
      <dl class="details">
        <dt>Transport</dt>
        <dd>{transport === undefined ? "none at the moment" : transportWords[transport].label}</dd>
        <dt>Session</dt>
        <dd>
          <code>{linked?.session ?? "none yet"}</code>
        </dd>
        <dt>Latest link</dt>
        <dd>{linked === undefined ? "none yet" : describeAnswer(linked)}</dd>
      </dl>
      <h3>Try it over another transport</h3>
      <ul class="transports">
        <li>
          <a href={`${location.pathname}${location.hash}`}>Whatever works best</a>
        </li>
        {transportNames.map((name) => (
          <li key={name}>
            <a href={forced(name)} aria-current={name === transport ? "true" : undefined}>
              {transportWords[name].label}
            </a>
            <small>{transportWords[name].explanation}</small>
          </li>
        ))}
      </ul>
    </>
  );
}

function forced(name: TransportName): string {
  return `?transports=${name}${location.hash}`;
}

function describeAnswer({ answer, lost }: { answer: string; lost: number }): string {
  if (answer === "resumed") return "resumed: nothing was lost";
  if (answer === "gap") return `a gap: ${lost} entries were lost`;
  return "a new session";
}
