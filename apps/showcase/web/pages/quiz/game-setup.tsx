// Before a game: the questions, and the button that opens the lobby.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useId } from "preact/hooks";
import { defaultSet } from "../../../shared/quiz/default-set.js";
import {
  questionsMax,
  readSecondsMax,
  readSecondsMin,
  setFileBytesMax,
  titleLengthMax,
} from "../../../shared/quiz/limits.js";
import { readSetFile, writeSetFile } from "../../../shared/quiz/set-file.js";
import { Dialog } from "../../shell/dialog.js";
import { PlusIcon } from "../../shell/icons.js";
import { addressOf } from "../../shell/route.js";
import { saveFile } from "../../transfers/save-file.js";
import { quizEntry } from "./entry.js";
import { fileName } from "./file-name.js";
import type { HostModel } from "./host-model.js";
import { QuestionEditor } from "./question-editor.js";
import type { SetDraft } from "./set-draft.js";

interface GameSetupProps {
  readonly host: HostModel;
  readonly draft: SetDraft;
}

export function GameSetup({ host, draft }: GameSetupProps): JSX.Element {
  const { set, problems } = draft.checked.value;
  const isOpening = host.isOpening.value;
  return (
    <main class="setup">
      <div class="setup-content">
        <header class="setup-header">
          <div>
            <h1>Host a game</h1>
            <p class="faint">
              These are the questions. Change them, or bring your own; then open the lobby. Only
              want to play? <a href={addressOf(quizEntry.name)}>Join a game</a>
            </p>
          </div>
          <button
            type="button"
            class="open-lobby"
            aria-busy={isOpening ? "true" : undefined}
            disabled={set === undefined || isOpening}
            onClick={() => {
              if (set !== undefined) void host.create(set);
            }}
          >
            {isOpening ? "Opening…" : "Open the lobby"}
          </button>
        </header>
        <div role="alert">{host.problem.value && <p class="notice">{host.problem.value}</p>}</div>
        <Settings draft={draft} />
        <div role="status">
          {problems.length > 0 && (
            <div class="problems">
              <p>Before this can be played:</p>
              <ul>
                {problems.map((problem) => (
                  <li key={problem}>{problem}</li>
                ))}
              </ul>
            </div>
          )}
        </div>
        <Questions draft={draft} />
      </div>
    </main>
  );
}

function Settings({ draft }: { draft: SetDraft }): JSX.Element {
  const id = useId();
  const { title, readSeconds } = draft.draft.value;
  return (
    <section class="settings" aria-label="The set">
      <div class="field">
        <label for={`${id}-title`}>Title</label>
        <input
          id={`${id}-title`}
          value={title}
          maxLength={titleLengthMax}
          dir="auto"
          onInput={(event) => draft.setTitle(event.currentTarget.value)}
        />
      </div>
      <div class="field narrow">
        <label for={`${id}-read`}>Seconds to read</label>
        <input
          id={`${id}-read`}
          type="number"
          min={readSecondsMin}
          max={readSecondsMax}
          value={readSeconds}
          onInput={(event) => draft.setReadSeconds(event.currentTarget.valueAsNumber)}
        />
      </div>
      <Files draft={draft} />
    </section>
  );
}

/** Import, export, and back to where it began. */
function Files({ draft }: { draft: SetDraft }): JSX.Element {
  const problems = useSignal<readonly string[]>([]);
  const told = useSignal("");
  const id = useId();
  const { set } = draft.checked.value;
  const load = async (input: HTMLInputElement) => {
    const [file] = input.files ?? [];
    if (file === undefined) return;
    const read = readSetFile(await textOf(file));
    if (read.set === undefined) problems.value = read.problems;
    else {
      draft.load(read.set);
      told.value = `${read.set.questions.length} questions from ${file.name}`;
    }
    input.value = ""; // The same file may be chosen again, once it is mended.
  };
  return (
    <>
      <div class="files">
        <label class="file-button" for={`${id}-file`}>
          Import
          <input
            id={`${id}-file`}
            class="unseen"
            type="file"
            accept=".json,application/json"
            onChange={(event) => load(event.currentTarget)}
          />
        </label>
        <button
          type="button"
          class="quiet"
          disabled={set === undefined}
          onClick={() => {
            if (set === undefined) return;
            const file = new Blob([writeSetFile(set)], { type: "application/json" });
            saveFile(file, fileName(set.title, "json"));
            told.value = "Saved as a file.";
          }}
        >
          Export
        </button>
        <button
          type="button"
          class="quiet"
          onClick={() => {
            draft.load(defaultSet);
            told.value = "The questions about HTTP and WebSockets are back.";
          }}
        >
          Reset
        </button>
      </div>
      <small role="status">{told.value}</small>
      {problems.value.length > 0 && (
        <Dialog
          title="This file cannot be used"
          onClose={() => {
            problems.value = [];
          }}
        >
          {(close) => (
            <>
              <ul>
                {problems.value.map((problem) => (
                  <li key={problem}>{problem}</li>
                ))}
              </ul>
              <p class="faint">
                Your questions are as they were. Export them to see what a file looks like.
              </p>
              <button type="button" onClick={close}>
                All right
              </button>
            </>
          )}
        </Dialog>
      )}
    </>
  );
}

/** No more of a file than tells that it is too large. */
function textOf(file: File): Promise<string> {
  return file.slice(0, setFileBytesMax + 1).text();
}

function Questions({ draft }: { draft: SetDraft }): JSX.Element {
  const { questions } = draft.draft.value;
  const opened = useSignal<number | undefined>(undefined);
  return (
    <section class="questions" aria-labelledby="questions">
      <h2 id="questions">
        Questions <span class="count">{questions.length}</span>
      </h2>
      <ol>
        {questions.map((question, index) => (
          <QuestionEditor
            key={question.key}
            draft={draft}
            question={question}
            index={index}
            isLast={index === questions.length - 1}
            isOpen={opened.value === question.key}
            onToggle={() => {
              opened.value = opened.value === question.key ? undefined : question.key;
            }}
          />
        ))}
      </ol>
      <button
        type="button"
        class="secondary outline"
        disabled={questions.length >= questionsMax}
        onClick={() => {
          opened.value = draft.add();
        }}
      >
        <PlusIcon />
        Add a question
      </button>
    </section>
  );
}
