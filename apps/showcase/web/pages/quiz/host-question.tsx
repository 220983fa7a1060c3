// A question on the big screen: first to be read, then with the answers as they come in, then with
// what is right.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { HostView } from "../../../shared/quiz/contract.js";
import { Countdown } from "./countdown.js";
import type { HostModel } from "./host-model.js";
import { Mark } from "./mark.js";
import { useClock } from "./use-clock.js";
import { numberOf } from "./words.js";

type HostedQuestion = NonNullable<HostView["question"]>;

export function HostQuestion({
  host,
  view,
}: {
  host: HostModel;
  view: HostView;
}): JSX.Element | null {
  const isHidden = useSignal(false);
  const { question, phase, progress, total } = view;
  if (question === undefined) return null;
  const isOver = phase === "reveal";
  return (
    <section class="asked" aria-label={`Question ${question.index + 1} of ${total}`}>
      <div class="asked-head">
        <div>
          <p class="faint">
            Question {question.index + 1} of {total}
          </p>
          <h2 dir="auto">{question.text}</h2>
        </div>
        {!isOver && <Clock host={host} question={question} />}
      </div>
      <Bars
        question={question}
        counts={progress.counts}
        isOver={isOver}
        isHidden={isHidden.value && !isOver}
      />
      <footer>
        <p role="status">
          <strong>{numberOf(progress.answered)}</strong> of {numberOf(progress.players)} have
          answered
        </p>
        {!isOver && (
          <label>
            <input
              type="checkbox"
              role="switch"
              aria-checked={isHidden.value}
              checked={isHidden.value}
              onChange={(event) => {
                isHidden.value = event.currentTarget.checked;
              }}
            />
            Hide the bars until time is up
          </label>
        )}
      </footer>
    </section>
  );
}

function Clock({ host, question }: { host: HostModel; question: HostedQuestion }): JSX.Element {
  const now = useClock(host.clock, question.closesAt);
  return <Countdown question={question} now={now} />;
}

interface BarsProps {
  readonly question: HostedQuestion;
  readonly counts: readonly number[];
  readonly isOver: boolean;
  readonly isHidden: boolean;
}

function Bars({ question, counts, isOver, isHidden }: BarsProps): JSX.Element {
  const sum = counts.reduce((total, count) => total + count, 0);
  return (
    <ol class="bars">
      {question.answers.map((text, answer) => {
        const count = counts[answer] ?? 0;
        const share = sum === 0 || isHidden ? 0 : count / sum;
        const isRight = question.correct[answer] === true;
        return (
          <li
            key={answer}
            data-answer={answer}
            data-fate={isOver ? (isRight ? "right" : "wrong") : "open"}
          >
            <Mark answer={answer} />
            <div class="bar-text">
              <span dir="auto">{text}</span>
              {isOver && isRight && <span class="right-sign">✓ Right</span>}
            </div>
            <span class="bar-count">{isHidden ? "?" : numberOf(count)}</span>
            <div class="track" aria-hidden="true">
              <div class="bar" style={{ width: `${share * 100}%` }} />
            </div>
          </li>
        );
      })}
    </ol>
  );
}
