// What became of a question, for one player.
import type { JSX } from "preact";
import type { Asked, PlayerView, Result } from "../../../shared/quiz/contract.js";
import { Mark } from "./mark.js";
import { numberOf, ordinal, pointsOf } from "./words.js";

interface PlayerResultProps {
  readonly view: PlayerView;
  readonly question: Asked;
  readonly result: Result;
}

export function PlayerResult({ view, question, result }: PlayerResultProps): JSX.Element {
  const { you, players } = view;
  const isRight = result.answer !== undefined && result.correct.includes(result.answer);
  return (
    <section class="player-card result" data-right={isRight}>
      <ResultIcon isRight={isRight} />
      <div role="status">
        <h2>{headline(isRight, result)}</h2>
        {result.gained > 0 && <p class="big-points">+{numberOf(result.gained)}</p>}
        {you.streak > 1 && <p class="streak">🔥 {you.streak} in a row</p>}
      </div>
      <div class="right-answers">
        <p class="faint">{result.correct.length === 1 ? "The answer is" : "Right are"}</p>
        {result.correct.map((answer) => (
          <p key={answer} class="right-answer">
            <Mark answer={answer} />
            <span dir="auto">{question.answers[answer]}</span>
          </p>
        ))}
      </div>
      <p class="rank">
        <span>
          <strong>{ordinal(you.place)}</strong> of {numberOf(players)}
        </span>
        {result.ahead && (
          <span>
            {pointsOf(result.ahead.by)} behind <bdi>{result.ahead.nickname}</bdi>
          </span>
        )}
      </p>
    </section>
  );
}

function headline(isRight: boolean, { answer }: Result): string {
  if (isRight) return "Right!";
  return answer === undefined ? "No answer in time" : "Not this time";
}

function ResultIcon({ isRight }: { isRight: boolean }): JSX.Element {
  return (
    <svg class="result-icon" viewBox="0 0 24 24" aria-hidden="true">
      <circle cx="12" cy="12" r="11" />
      <path d={isRight ? "m6.5 12.5 3.7 3.7 7.3-8" : "m8 8 8 8m0-8-8 8"} />
    </svg>
  );
}
