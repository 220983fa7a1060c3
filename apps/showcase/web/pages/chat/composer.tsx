// Where one writes. Enter sends, Shift and Enter make a new line.
import { useSignal } from "@preact/signals";
import type { JSX, RefObject } from "preact";
import { useId } from "preact/hooks";
import { textLengthMax } from "../../../shared/chat/limits.js";
import { tidyText } from "../../../shared/chat/text-rules.js";
import { SendIcon } from "../../shell/icons.js";
import type { ChatModel } from "./chat-model.js";
import type { RoomModel } from "./room-model.js";

/** From here on, what is left is counted. */
const countFrom = textLengthMax - 200;

interface ComposerProps {
  readonly chat: ChatModel;
  readonly room: RoomModel;
  readonly input: RefObject<HTMLTextAreaElement | null>;
}

export function Composer({ chat, room, input }: ComposerProps): JSX.Element {
  const text = useSignal("");
  const id = useId();
  const { length } = tidyText(text.value);
  const isTooLong = length > textLengthMax;
  const submit = (event: Event) => {
    event.preventDefault();
    input.current?.focus();
    if (length === 0 || isTooLong) return;
    if (chat.say(tidyText(text.value))) text.value = "";
  };
  return (
    <form class="composer" onSubmit={submit} noValidate>
      <label class="unseen" for={id}>
        Message to {room.name}
      </label>
      <div class="row">
        <textarea
          id={id}
          ref={input}
          rows={1}
          value={text.value}
          placeholder="Write a message"
          dir="auto"
          enterkeyhint="send"
          aria-invalid={isTooLong ? "true" : undefined}
          aria-describedby={`${id}-count`}
          onInput={(event) => {
            text.value = event.currentTarget.value;
            if (text.value) chat.typing();
          }}
          onKeyDown={(event) => {
            // While an input method composes a character, Enter chooses it.
            if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
          }}
        />
        <button type="submit" class="square" aria-label="Send" disabled={length === 0 || isTooLong}>
          <SendIcon />
        </button>
      </div>
      <small id={`${id}-count`} role="status" data-bad={isTooLong}>
        {length >= countFrom && describeLength(length)}
      </small>
    </form>
  );
}

function describeLength(length: number): string {
  const left = textLengthMax - length;
  if (left < 0) return `Too long by ${-left} of ${textLengthMax} characters.`;
  return `${left} characters left`;
}
