// A question, and the buttons that answer it.
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { Asked, PlayerView } from "../../../shared/quiz/contract.js";
import type { Session } from "../../session/session.js";
import { Countdown } from "./countdown.js";
import { letterOf, Mark } from "./mark.js";
import type { PlayerModel } from "./player-model.js";
import { useClock } from "./use-clock.js";

interface AnswerPadProps {
  readonly player: PlayerModel;
  readonly session: Session;
  readonly view: PlayerView;
  readonly question: Asked;
}

export function AnswerPad({ player, session, view, question }: AnswerPadProps): JSX.Element {
  const now = useClock(player.clock, question.closesAt);
  const { answered } = view;
  const chosen = answered?.answer ?? player.given.value?.answer;
  const isOpen = now >= question.opensAt && now < question.closesAt;
  useEffect(() => {
    // A buzz for who looks away. Browsers allow it only after a touch, and may not know it.
    if (isOpen && chosen === undefined) navigator.vibrate?.(60);
  }, [isOpen]);
  return (
    <section class="pad" aria-label={`Question ${question.index + 1} of ${view.total}`}>
      <header>
        <p class="faint">
          Question {question.index + 1} of {view.total}
        </p>
        <Countdown question={question} now={now} />
      </header>
      <h2 dir="auto">{question.text}</h2>
      <div class="answers" data-chosen={chosen !== undefined}>
        {question.answers.map((text, answer) => (
          <button
            key={answer}
            type="button"
            class="answer"
            data-answer={answer}
            aria-pressed={chosen === answer}
            disabled={!isOpen && chosen !== answer}
            aria-disabled={chosen !== undefined}
            onClick={() => player.answer(answer)}
          >
            <Mark answer={answer} />
            <span dir="auto">{text}</span>
          </button>
        ))}
      </div>
      <p class="fate" role="status">
        {describeFate({ player, session, view, isOpen, hasOpened: now >= question.opensAt })}
      </p>
    </section>
  );
}

interface Fate {
  readonly player: PlayerModel;
  readonly session: Session;
  readonly view: PlayerView;
  readonly isOpen: boolean;
  readonly hasOpened: boolean;
}

function describeFate({ player, session, view, isOpen, hasOpened }: Fate): string {
  const { answered } = view;
  if (player.refusal.value) return player.refusal.value;
  if (answered !== undefined) {
    return `${letterOf(answered.answer)} is in, after ${(answered.tookMs / 1_000).toFixed(1)} seconds.`;
  }
  if (player.given.value !== undefined) {
    return session.state.value === "connected"
      ? "Sending your answer…"
      : "No connection: your answer is sent when it is back.";
  }
  if (isOpen) return "The sooner, the more points.";
  return hasOpened ? "Time is up." : "Get ready…";
}
