// The door: what this page is, and the token that opens it.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useId, useRef } from "preact/hooks";
import type { OperationsModel } from "./operations-model.js";

export function UnlockForm({ model }: { model: OperationsModel }): JSX.Element {
  const isAsking = model.access.value === "asking";
  const isEmpty = useSignal(false);
  const field = useRef<HTMLInputElement>(null);
  const [inputId, problemId] = [useId(), useId()];
  const problem = isEmpty.value ? "Paste the token first." : model.problem.value;
  const submit = async () => {
    const token = field.current?.value ?? "";
    isEmpty.value = token.trim() === "";
    if (!isEmpty.value) await model.unlock(token);
    if (model.access.value === "locked") field.current?.select();
  };
  return (
    <main class="welcome ops-door">
      <article>
        <h1>Operations</h1>
        <p>
          For whoever runs this server: its load, its sessions, and what can be done about them.
          When it was started, it printed a link to this page with a token at its end. Open that
          link, or paste the token.
        </p>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <label for={inputId}>Operations token</label>
          <input
            id={inputId}
            ref={field}
            type="password"
            autocomplete="off"
            spellcheck={false}
            aria-invalid={problem === "" ? undefined : "true"}
            aria-describedby={problemId}
          />
          <small id={problemId} role="alert">
            {problem}
          </small>
          <button type="submit" disabled={isAsking}>
            {isAsking ? "Asking the server…" : "Open"}
          </button>
        </form>
      </article>
    </main>
  );
}
