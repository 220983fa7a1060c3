// The inspector of this page's own connection.
import { connect } from "@tidewire/client";
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { contract } from "../../../shared/contract.js";
import { hubPath } from "../../../shared/hub-path.js";
import type { ShowcaseClient } from "../../session/session.js";
import { tabToken } from "../../session/tab-token.js";
import { transportWords } from "../../session/transports.js";
import { addressOf } from "../../shell/route.js";
import type { PageProps } from "../page.js";
import { FramesView } from "./frames-view.js";
import { HandshakeView } from "./handshake-view.js";
import { HttpView } from "./http-view.js";
import { LogsView } from "./logs-view.js";
import { SayBox } from "./say-box.js";
import "./frames.css";
import "./handshake.css";
import "./logs.css";
import "./wire.css";
import { WireModel } from "./wire-model.js";

const views = [
  { name: "frames", title: "Frames" },
  { name: "handshake", title: "Handshake" },
  { name: "logs", title: "Logs and resume" },
] as const;

export default function Wire({ session, rest }: PageProps): JSX.Element {
  const { client } = session;
  const wire = useMemo(() => new WireModel(client, openWatcher()), [client]);
  useEffect(() => () => wire.dispose(), [wire]);
  const view = views.find(({ name }) => name === rest[0]) ?? views[0];
  const transport = session.transport.value;
  const isHttp = transport !== undefined && transport !== "websocket";
  return (
    <main class="wire">
      <header class="wire-head">
        <div>
          <h1>Wire</h1>
          <p>
            What this page and its server say to each other, byte by byte. The server reads it off
            the socket of this very session and reports it over a second connection.
          </p>
        </div>
        <LookState wire={wire} />
      </header>
      <SayBox wire={wire} isHttp={isHttp} />
      <nav class="wire-views" aria-label="Views">
        {views.map(({ name, title }) => (
          <a
            key={name}
            href={addressOf("wire", name)}
            aria-current={name === view.name ? "page" : undefined}
          >
            {title}
          </a>
        ))}
      </nav>
      {isHttp && view.name !== "logs" ? (
        <HttpView label={transportWords[transport].label} />
      ) : view.name === "frames" ? (
        <FramesView wire={wire} />
      ) : view.name === "handshake" ? (
        <HandshakeView wire={wire} />
      ) : (
        <LogsView wire={wire} isHttp={isHttp} />
      )}
    </main>
  );
}

function LookState({ wire }: { wire: WireModel }): JSX.Element {
  const look = wire.state.value;
  return (
    <div class="wire-look">
      <span role="status" data-look={look.type}>
        {look.type === "beginning" && "Asking for a look…"}
        {look.type === "looking" && "Looking"}
        {look.type === "failed" && look.reason}
      </span>
      {look.type === "failed" && (
        <button type="button" onClick={() => void wire.look()}>
          Look again
        </button>
      )}
    </div>
  );
}

/** The second connection: of the same person, and never a WebSocket, so that the two differ to the eye. */
function openWatcher(): ShowcaseClient {
  return connect(hubPath, {
    contract,
    token: tabToken(),
    agent: "tidewire-showcase-wire",
    transports: ["sse", "long-polling"],
    // Which transport works best is not to be learned from this one.
    platform: { storage: undefined },
  });
}
