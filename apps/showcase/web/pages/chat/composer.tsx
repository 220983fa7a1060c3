// Where one writes. Enter sends, Shift and Enter make a new line.
import { useSignal } from "@preact/signals";
import type { JSX, RefObject } from "preact";
import { useId, useRef } from "preact/hooks";
import { textLengthMax } from "../../../shared/chat/limits.js";
import { tidyText } from "../../../shared/text-rules.js";
import { SendIcon } from "../../shell/icons.js";
import { readDropped } from "../../transfers/dropped-files.js";
import type { ChatModel } from "./chat-model.js";
import { AttachIcon } from "./icons.js";
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
  const chooser = useRef<HTMLInputElement>(null);
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
        Message to {room.title.value}
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
          onPaste={(event) => {
            // What programs copy beside a picture of it is text that somebody wants to paste.
            if (event.clipboardData?.types.includes("text/plain")) return;
            const { files } = readDropped(event.clipboardData);
            if (files.length === 0) return;
            event.preventDefault();
            chat.attach(files);
          }}
          onKeyDown={(event) => {
            // While an input method composes a character, Enter chooses it.
            if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
          }}
        />
        <button
          type="button"
          class="quiet square attach"
          aria-label="Attach a file"
          title="Attach a file; or drop it here, or paste a picture"
          onClick={() => chooser.current?.click()}
        >
          <AttachIcon />
        </button>
        <input
          ref={chooser}
          type="file"
          multiple
          hidden
          aria-label="Files to attach"
          onChange={({ currentTarget }) => {
            chat.attach([...(currentTarget.files ?? [])]);
            currentTarget.value = ""; // The same file may be chosen again.
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
