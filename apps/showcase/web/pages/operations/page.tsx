// Operations: the server as whoever runs it sees it.
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { Session } from "../../session/session.js";
import { addressOf } from "../../shell/route.js";
import type { PageProps } from "../page.js";
import { Charts } from "./charts.js";
import { DrainBanner, DrainPanel } from "./drain-panel.js";
import { OperationsModel } from "./operations-model.js";
import "./operations.css";
import "./sessions.css";
import { SessionsModel } from "./sessions-model.js";
import { SessionsTable } from "./sessions-table.js";
import { rememberToken } from "./token-memory.js";
import { UnlockForm } from "./unlock-form.js";

export default function Operations({ session, rest }: PageProps): JSX.Element {
  const { client } = session;
  const [given] = rest;
  // Before the model asks for it, and out of the address bar before anybody can copy it from there.
  useMemo(() => {
    if (given === undefined || given === "") return;
    rememberToken(given);
    history.replaceState(history.state, "", addressOf("operations"));
  }, [given]);
  const model = useMemo(() => new OperationsModel(client), [client, given]);
  const sessions = useMemo(() => new SessionsModel(client), [client]);
  const linked = session.linked.value;
  useEffect(() => () => model.dispose(), [model]);
  useEffect(() => {
    if (linked !== undefined) model.begin();
  }, [model, linked]);
  if (model.access.value !== "open") return <UnlockForm model={model} />;
  return <Board session={session} model={model} sessions={sessions} />;
}

interface BoardProps {
  readonly session: Session;
  readonly model: OperationsModel;
  readonly sessions: SessionsModel;
}

function Board({ session, model, sessions }: BoardProps): JSX.Element {
  const isLinked = session.state.value === "connected";
  const isPaused = model.isPaused.value;
  const drain = model.drain.value;
  return (
    <main class="ops">
      <div class="ops-content">
        <header class="ops-head">
          <div>
            <h1>Operations</h1>
            <p role="status" data-live={isLinked && !isPaused}>
              {state(isLinked, isPaused)}
            </p>
          </div>
          <div class="ops-buttons">
            <button
              type="button"
              class="outline"
              aria-pressed={isPaused}
              onClick={() => model.pause(!isPaused)}
            >
              Pause
            </button>
            <button type="button" class="outline" onClick={() => model.lock()}>
              Lock
            </button>
          </div>
        </header>
        {drain !== undefined && <DrainBanner drain={drain} isLinked={isLinked} />}
        <Charts samples={model.samples.value} />
        <SessionsTable model={sessions} session={session} isHalted={isPaused || !isLinked} />
        <DrainPanel model={model} />
      </div>
    </main>
  );
}

function state(isLinked: boolean, isPaused: boolean): string {
  if (!isLinked) return "As it was before the connection was lost";
  return isPaused ? "Paused: the server goes on, the picture stands still" : "Live, once a second";
}
