// The host's screen, made for a projector. One button leads on; it stays the same, so that whoever has
// the focus on it can go through the whole game with Enter.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { HostView } from "../../../shared/quiz/contract.js";
import { Dialog } from "../../shell/dialog.js";
import { Notice } from "../../shell/notice.js";
import { GameSetup } from "./game-setup.js";
import { HostLobby } from "./host-lobby.js";
import type { HostModel } from "./host-model.js";
import { HostPodium } from "./host-podium.js";
import { HostQuestion } from "./host-question.js";
import { HostScores } from "./host-scores.js";
import type { SetDraft } from "./set-draft.js";
import { playersOf } from "./words.js";

interface HostPageProps {
  readonly host: HostModel;
  readonly draft: SetDraft;
}

export function HostPage({ host, draft }: HostPageProps): JSX.Element {
  const view = host.view.value;
  if (view !== undefined) return <HostedGame host={host} view={view} />;
  if (host.isReturning && !host.isOpening.value) {
    return (
      <main class="plain">
        <p role="status">Back to your game…</p>
      </main>
    );
  }
  return <GameSetup host={host} draft={draft} />;
}

interface GameProps {
  readonly host: HostModel;
  readonly view: HostView;
}

function HostedGame({ host, view }: GameProps): JSX.Element {
  return (
    <main class="host" data-phase={view.phase}>
      <HostHeader host={host} view={view} />
      <Notice text={host.problem.value} onDismiss={() => host.dismissProblem()} />
      <div class="host-stage">
        <Stage host={host} view={view} />
      </div>
    </main>
  );
}

function Stage({ host, view }: GameProps): JSX.Element {
  switch (view.phase) {
    case "lobby":
      return <HostLobby host={host} view={view} />;
    case "question":
    case "reveal":
      return <HostQuestion key={view.question?.index} host={host} view={view} />;
    case "scores":
      return <HostScores view={view} />;
    case "podium":
      return <HostPodium host={host} view={view} />;
  }
}

function HostHeader({ host, view }: GameProps): JSX.Element {
  const isEnding = useSignal(false);
  const { code, title, phase, progress } = view;
  const isOver = phase === "podium";
  const isWaiting = phase === "lobby" && progress.players === 0;
  return (
    <header class="host-header">
      <h1 dir="auto">{title}</h1>
      <p class="host-facts">
        {phase !== "lobby" && <span>Code {spaced(code)}</span>}
        <span>{playersOf(progress.players)}</span>
        {progress.here < progress.players && (
          <span class="away">{progress.players - progress.here} away</span>
        )}
      </p>
      <button
        type="button"
        class="quiet"
        onClick={() => {
          if (isOver) void host.end();
          else isEnding.value = true;
        }}
      >
        {isOver ? "Close" : "End game"}
      </button>
      {!isOver && (
        <button
          type="button"
          class="next"
          disabled={isWaiting}
          // The first thing that one wants to do here.
          autofocus
          onClick={() => host.advance()}
        >
          {nextOf(view)}
        </button>
      )}
      {isEnding.value && (
        <Dialog
          title="End the game?"
          onClose={() => {
            isEnding.value = false;
          }}
        >
          {(close) => (
            <>
              <p>It ends for all players, and the scores are gone.</p>
              <div class="row">
                <button type="button" class="secondary" onClick={close}>
                  Go on playing
                </button>
                <button
                  type="button"
                  onClick={() => {
                    close();
                    void host.end();
                  }}
                >
                  End the game
                </button>
              </div>
            </>
          )}
        </Dialog>
      )}
    </header>
  );
}

function nextOf({ phase, question, total }: HostView): string {
  const isLast = question !== undefined && question.index === total - 1;
  switch (phase) {
    case "lobby":
      return "Start";
    case "question":
      return "Close the question";
    case "reveal":
      return isLast ? "To the podium" : "Scoreboard";
    case "scores":
      return "Next question";
    case "podium":
      return "";
  }
}

export function spaced(code: string): string {
  return `${code.slice(0, 3)} ${code.slice(3)}`;
}
