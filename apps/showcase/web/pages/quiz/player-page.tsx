// A player's screen, made for a phone in one hand.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { PlayerView } from "../../../shared/quiz/contract.js";
import type { Session } from "../../session/session.js";
import { Dialog } from "../../shell/dialog.js";
import { addressOf } from "../../shell/route.js";
import { AnswerPad } from "./answer-pad.js";
import { quizEntry } from "./entry.js";
import { JoinForm } from "./join-form.js";
import { recallFormerSeat } from "./memory.js";
import type { PlayerModel } from "./player-model.js";
import { PlayerResult } from "./player-result.js";
import { numberOf, ordinal, pointsOf } from "./words.js";

interface PlayerPageProps {
  readonly player: PlayerModel;
  readonly session: Session;
  /** Of the game in the address; empty when it names none. */
  readonly code: string;
}

export function PlayerPage({ player, session, code }: PlayerPageProps): JSX.Element {
  const seat = player.seat.value;
  const view = player.view.value;
  if (seat === undefined || player.isJoining.value) return <Join player={player} code={code} />;
  if (view === undefined) {
    return (
      <main class="plain">
        <p role="status">Back to the game as {seat.nickname}…</p>
      </main>
    );
  }
  return (
    <main class="player">
      <PlayerHeader player={player} view={view} code={code} />
      <Screen player={player} session={session} view={view} />
    </main>
  );
}

function Join({ player, code }: { player: PlayerModel; code: string }): JSX.Element {
  return (
    <main class="welcome quiz-welcome">
      <article>
        <h1>Quiz</h1>
        <p>Join with the code that the host shows, or open its QR code with your phone.</p>
        <JoinForm player={player} code={code} former={recallFormerSeat()} />
      </article>
      <p class="host-door">
        Have a class, a team or two more tabs?{" "}
        <a href={addressOf(quizEntry.name, "host")}>Host a game</a>
      </p>
    </main>
  );
}

interface HeaderProps {
  readonly player: PlayerModel;
  readonly view: PlayerView;
  readonly code: string;
}

function PlayerHeader({ player, view, code }: HeaderProps): JSX.Element {
  const isLeaving = useSignal(false);
  const { you, title, phase } = view;
  const isElsewhere = code !== "" && code !== view.code;
  return (
    <header class="player-header">
      <h1 class="unseen">{title}</h1>
      <p>
        <strong>
          <bdi>{you.nickname}</bdi>
        </strong>
        {phase !== "lobby" && <span class="score">{pointsOf(you.score)}</span>}
      </p>
      <button
        type="button"
        class="quiet"
        onClick={() => {
          if (phase === "podium") player.leave();
          else isLeaving.value = true;
        }}
      >
        {phase === "podium" ? "Done" : "Leave"}
      </button>
      {isLeaving.value && (
        <Dialog
          title="Leave the game?"
          onClose={() => {
            isLeaving.value = false;
          }}
        >
          {(close) => (
            <>
              <p>Your points are gone then. To pause, just close the page: you can come back.</p>
              <div class="row">
                <button type="button" class="secondary" onClick={close}>
                  Stay
                </button>
                <button
                  type="button"
                  onClick={() => {
                    close();
                    player.leave();
                  }}
                >
                  Leave the game
                </button>
              </div>
            </>
          )}
        </Dialog>
      )}
      {isElsewhere && (
        <p class="elsewhere">
          You play in game {view.code}. Leave it to join {code}.
        </p>
      )}
    </header>
  );
}

interface ScreenProps {
  readonly player: PlayerModel;
  readonly session: Session;
  readonly view: PlayerView;
}

function Screen({ player, session, view }: ScreenProps): JSX.Element {
  const { phase, question, result } = view;
  if (phase === "podium") return <Final view={view} />;
  if (phase === "question" && question !== undefined) {
    return (
      <AnswerPad
        key={question.index}
        player={player}
        session={session}
        view={view}
        question={question}
      />
    );
  }
  if (result !== undefined && question !== undefined) {
    return <PlayerResult view={view} question={question} result={result} />;
  }
  return <Waiting view={view} />;
}

/** In the lobby, or between two questions for who came late. */
function Waiting({ view }: { view: PlayerView }): JSX.Element {
  const isLobby = view.phase === "lobby";
  return (
    <section class="player-card" role="status">
      <p class="big" aria-hidden="true">
        👋
      </p>
      <h2>{isLobby ? "You are in!" : "Just in time"}</h2>
      <p>
        {isLobby
          ? "Look for your name on the host's screen. The first question comes here by itself."
          : "The next question comes here by itself."}
      </p>
    </section>
  );
}

const medals = ["🥇", "🥈", "🥉"] as const;

function Final({ view }: { view: PlayerView }): JSX.Element {
  const { you, players, podium = [] } = view;
  return (
    <section class="player-card">
      <p class="big" aria-hidden="true">
        {medals[you.place - 1] ?? "🏁"}
      </p>
      <div role="status">
        <h2>
          {ordinal(you.place)} of {numberOf(players)}
        </h2>
      </div>
      <p class="big-points">{pointsOf(you.score)}</p>
      <ol class="mini-podium" aria-label="Podium">
        {podium.map(({ id, nickname, place, score }) => (
          <li key={id} data-you={id === you.id}>
            <span>{medals[place - 1]}</span>
            <bdi>{nickname}</bdi>
            <span class="score">{pointsOf(score)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
