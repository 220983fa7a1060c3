import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { codeLength, nicknameLengthMax } from "../../../shared/quiz/limits.js";
import { tidyName } from "../../../shared/text-rules.js";
import { offerFocus } from "../../shell/offer-focus.js";
import type { Seat } from "./memory.js";
import type { PlayerModel } from "./player-model.js";

interface JoinFormProps {
  readonly player: PlayerModel;
  readonly code: string;
  /** As whom this browser played last. */
  readonly former: Seat | undefined;
}

export function JoinForm({ player, code, former }: JoinFormProps): JSX.Element {
  const codeInput = useRef<HTMLInputElement>(null);
  const nicknameInput = useRef<HTMLInputElement>(null);
  const problem = useSignal("");
  const id = useId();
  const isJoining = player.isJoining.value;
  const told = problem.value || player.problem.value;
  useLayoutEffect(() => {
    offerFocus((code ? nicknameInput : codeInput).current);
  }, [code]);
  const fail = (input: HTMLInputElement | null, reason: string) => {
    problem.value = reason;
    input?.focus();
  };
  const submit = (event: Event) => {
    event.preventDefault();
    const digits = (codeInput.current?.value ?? "").replace(/\D/g, "");
    const nickname = tidyName(nicknameInput.current?.value ?? "");
    if (digits.length !== codeLength) {
      fail(codeInput.current, `The code has ${codeLength} digits.`);
    } else if (nickname === "") {
      fail(nicknameInput.current, "Please type a nickname that can be seen.");
    } else {
      problem.value = "";
      void player.join(digits, nickname);
    }
  };
  const isFormer = former !== undefined && (code === "" || former.code === code);
  return (
    <form class="join" onSubmit={submit} noValidate>
      <label for={`${id}-code`}>Code of the game</label>
      <input
        id={`${id}-code`}
        ref={codeInput}
        class="code-input"
        defaultValue={code}
        inputMode="numeric"
        autocomplete="off"
        placeholder="123 456"
        maxLength={codeLength + 2}
        aria-describedby={`${id}-problem`}
      />
      <label for={`${id}-name`}>Nickname</label>
      <input
        id={`${id}-name`}
        ref={nicknameInput}
        defaultValue={player.nickname || former?.nickname}
        maxLength={nicknameLengthMax}
        autocomplete="nickname"
        enterkeyhint="go"
        dir="auto"
        aria-describedby={`${id}-problem`}
      />
      <small id={`${id}-problem`} role="alert">
        {told}
      </small>
      <button type="submit" aria-busy={isJoining ? "true" : undefined} disabled={isJoining}>
        {isJoining ? "Joining…" : "Join"}
      </button>
      {isFormer && (
        <button type="button" class="quiet" onClick={() => player.resume(former)}>
          Go on as <bdi>{former.nickname}</bdi> in game {former.code}
        </button>
      )}
    </form>
  );
}
