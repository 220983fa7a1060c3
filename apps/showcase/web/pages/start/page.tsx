// What one sees first: what Tidewire is, that it is at work right now, and where to go.
import type { JSX } from "preact";
import clientCode from "../../../snippets/client.ts?raw";
import serverCode from "../../../snippets/server.ts?raw";
import type { Session } from "../../session/session.js";
import { transportNames, transportWords } from "../../session/transports.js";
import { addressOf } from "../../shell/route.js";
import type { PageProps } from "../page.js";
import { pages } from "../pages.js";
import { startEntry } from "./entry.js";
import { Snippet } from "./snippet.js";
import "./start.css";
import { useFigures } from "./use-figures.js";

export default function Start({ session }: PageProps): JSX.Element {
  return (
    <main class="start">
      <div class="start-content">
        <section class="pitch">
          <h1>Realtime that survives the network</h1>
          <p>
            Tidewire is a complete WebSocket stack for TypeScript, from the bytes of the protocol to
            rooms, presence, history, requests and files. A session outlives its connections: what
            was sent arrives once and in order, or you are told what is missing. Where WebSockets do
            not get through, the same session goes on over plain HTTP, and comes back when they do.
          </p>
        </section>
        <Doors />
        <div class="live">
          <ServerFigures session={session} />
          <OwnSession session={session} />
        </div>
        <section aria-labelledby="code">
          <h2 id="code">A chat with history and presence</h2>
          <div class="snippets">
            <Snippet title="The server" code={serverCode} />
            <Snippet title="The page" code={clientCode} />
          </div>
        </section>
      </div>
    </main>
  );
}

function Doors(): JSX.Element {
  return (
    <nav class="doors" aria-label="What there is to see">
      {pages
        .filter((page) => page !== startEntry)
        .map(({ name, title, description }) => (
          <a key={name} class="door" href={addressOf(name)}>
            <strong>{title}</strong>
            <span>{description}</span>
          </a>
        ))}
    </nav>
  );
}

/** Not announced: it changes every second. */
function ServerFigures({ session }: { session: Session }): JSX.Element {
  const figures = useFigures(session);
  const isLive = session.state.value === "connected";
  const used = transportNames.filter((name) => (figures?.byTransport[name] ?? 0) > 0);
  return (
    <section class="panel" aria-labelledby="server-now" data-live={isLive}>
      <h2 id="server-now">This server, now</h2>
      <dl class="figures">
        <div>
          <dd>{figures?.connections ?? "–"}</dd>
          <dt>{figures?.connections === 1 ? "connection" : "connections"}</dt>
        </div>
        <div>
          <dd>{figures?.messagesPerSecond ?? "–"}</dd>
          <dt>messages per second</dt>
        </div>
      </dl>
      <p class="faint">
        {isLive
          ? used
              .map((name) => `${figures?.byTransport[name]} by ${transportWords[name].label}`)
              .join(", ")
          : "As it was before the connection was lost."}
      </p>
    </section>
  );
}

function OwnSession({ session }: { session: Session }): JSX.Element {
  const transport = session.transport.value;
  const linked = session.linked.value;
  const state = session.state.value;
  return (
    <section class="panel" aria-labelledby="own-session">
      <h2 id="own-session">This page's session</h2>
      <dl class="details">
        <dt>State</dt>
        <dd>{state}</dd>
        <dt>Transport</dt>
        <dd>{transport === undefined ? "none at the moment" : transportWords[transport].label}</dd>
        <dt>Session</dt>
        <dd>
          <code>{linked?.session ?? "none yet"}</code>
        </dd>
      </dl>
      <p class="faint">
        {transport === undefined
          ? "The session waits: what is written now is sent when there is a link again."
          : transportWords[transport].explanation}
      </p>
    </section>
  );
}
