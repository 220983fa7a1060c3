// One question of a set: a line that opens into a form.
import type { JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import {
  answerLengthMax,
  answersMax,
  answersMin,
  questionLengthMax,
  secondsMax,
  secondsMin,
} from "../../../shared/quiz/limits.js";
import { CloseIcon, DownIcon, PencilIcon, PlusIcon, SendIcon } from "../../shell/icons.js";
import { letterOf, Mark } from "./mark.js";
import type { DraftQuestion, SetDraft } from "./set-draft.js";

interface QuestionEditorProps {
  readonly draft: SetDraft;
  readonly question: DraftQuestion;
  readonly index: number;
  readonly isLast: boolean;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

export function QuestionEditor(props: QuestionEditorProps): JSX.Element {
  const { question, index, isOpen, onToggle } = props;
  return (
    <li class="question" data-open={isOpen}>
      <button type="button" class="question-line" aria-expanded={isOpen} onClick={onToggle}>
        <span class="question-number">{index + 1}</span>
        <span class="question-text" dir="auto">
          {question.text || "A new question"}
        </span>
        <span class="faint">{question.seconds || "–"} s</span>
        <PencilIcon />
      </button>
      {isOpen && <Fields {...props} />}
    </li>
  );
}

function Fields({ draft, question, index, isLast }: QuestionEditorProps): JSX.Element {
  const text = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const { key, answers } = question;
  useEffect(() => text.current?.focus(), []);
  return (
    <div class="question-fields">
      <div class="field">
        <label for={`${id}-text`}>Question</label>
        <textarea
          id={`${id}-text`}
          ref={text}
          rows={2}
          value={question.text}
          maxLength={questionLengthMax}
          dir="auto"
          onInput={(event) => draft.edit(key, { text: event.currentTarget.value })}
        />
      </div>
      <fieldset>
        <legend>Answers; check those that are right</legend>
        {answers.map((_, at) => (
          <AnswerField key={at} draft={draft} question={question} at={at} />
        ))}
        {answers.length < answersMax && (
          <button type="button" class="quiet" onClick={() => draft.addAnswer(key)}>
            <PlusIcon />
            Add an answer
          </button>
        )}
      </fieldset>
      <div class="question-actions">
        <label>
          Seconds to answer
          <input
            type="number"
            min={secondsMin}
            max={secondsMax}
            value={question.seconds}
            onInput={(event) => draft.edit(key, { seconds: event.currentTarget.valueAsNumber })}
          />
        </label>
        <button
          type="button"
          class="quiet square"
          aria-label="Move up"
          disabled={index === 0}
          onClick={() => draft.move(key, -1)}
        >
          <SendIcon />
        </button>
        <button
          type="button"
          class="quiet square"
          aria-label="Move down"
          disabled={isLast}
          onClick={() => draft.move(key, 1)}
        >
          <DownIcon />
        </button>
        <button type="button" class="quiet" onClick={() => draft.remove(key)}>
          Delete the question
        </button>
      </div>
    </div>
  );
}

interface AnswerFieldProps {
  readonly draft: SetDraft;
  readonly question: DraftQuestion;
  readonly at: number;
}

function AnswerField({ draft, question: { key, answers }, at }: AnswerFieldProps): JSX.Element {
  const { text = "", correct = false } = answers[at] ?? {};
  const letter = letterOf(at);
  return (
    <div class="answer-field">
      <Mark answer={at} />
      <input
        aria-label={`Answer ${letter}`}
        value={text}
        maxLength={answerLengthMax}
        dir="auto"
        onInput={(event) => draft.editAnswer(key, at, { text: event.currentTarget.value })}
      />
      <input
        type="checkbox"
        aria-label={`${letter} is right`}
        checked={correct}
        onChange={(event) => draft.editAnswer(key, at, { correct: event.currentTarget.checked })}
      />
      <button
        type="button"
        class="quiet square"
        aria-label={`Delete answer ${letter}`}
        disabled={answers.length <= answersMin}
        onClick={() => draft.removeAnswer(key, at)}
      >
        <CloseIcon />
      </button>
    </div>
  );
}
