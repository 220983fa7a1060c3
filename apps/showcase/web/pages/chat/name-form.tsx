import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { nameLengthMax } from "../../../shared/chat/limits.js";
import { tidyName } from "../../../shared/text-rules.js";
import { offerFocus } from "../../shell/offer-focus.js";

interface NameFormProps {
  readonly name: string;
  readonly action: string;
  /** Called with a name in good shape, never empty. */
  readonly onName: (name: string) => void;
}

export function NameForm({ name, action, onName }: NameFormProps): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const problem = useSignal("");
  const id = useId();
  useLayoutEffect(() => {
    if (offerFocus(input.current)) input.current?.select();
  }, []);
  const submit = (event: Event) => {
    event.preventDefault();
    const chosen = tidyName(input.current?.value ?? "");
    if (chosen) {
      onName(chosen);
      return;
    }
    problem.value = "Please type a name that can be seen.";
    input.current?.focus();
  };
  return (
    <form onSubmit={submit} noValidate>
      <label for={id}>Your name</label>
      <input
        id={id}
        ref={input}
        name="nickname"
        autofocus
        defaultValue={name}
        maxLength={nameLengthMax}
        autocomplete="nickname"
        dir="auto"
        aria-invalid={problem.value ? "true" : undefined}
        aria-describedby={`${id}-problem`}
        onInput={() => {
          problem.value = "";
        }}
      />
      <small id={`${id}-problem`} role="alert">
        {problem.value}
      </small>
      <button type="submit">{action}</button>
    </form>
  );
}
