// One message: what somebody said, or what we want to say and the server has not confirmed.
import type { JSX } from "preact";
import type { Said } from "../../../shared/chat/contract.js";
import { ClockIcon } from "../../shell/icons.js";
import type { ChatModel } from "./chat-model.js";
import type { Pending } from "./outbox.js";
import { Avatar, PersonName } from "./person-name.js";

const hour = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

interface SaidMessageProps {
  readonly said: Said;
  readonly isOurs: boolean;
  /** It follows another one of the same person: name and time need not be said again. */
  readonly continues: boolean;
  readonly sharedNames: ReadonlySet<string>;
}

export function SaidMessage({
  said,
  isOurs,
  continues,
  sharedNames,
}: SaidMessageProps): JSX.Element {
  const at = new Date(said.at);
  return (
    <article class="message" data-ours={isOurs} data-continues={continues}>
      {!isOurs && !continues && <Avatar person={said.by} />}
      <p class={continues ? "unseen" : "byline"}>
        {isOurs ? (
          <span class="unseen">You</span>
        ) : (
          <PersonName person={said.by} sharedNames={sharedNames} />
        )}{" "}
        <time dateTime={at.toISOString()} title={full.format(at)}>
          {hour.format(at)}
        </time>
      </p>
      <p class="text" dir="auto">
        {said.text}
      </p>
    </article>
  );
}

export function PendingMessage({
  chat,
  message,
}: {
  chat: ChatModel;
  message: Pending;
}): JSX.Element {
  const { id, text, refusal } = message;
  const isOnline = chat.isConnected.value;
  return (
    <article class="message" data-ours="true" data-pending={refusal === undefined}>
      <p class="text" dir="auto">
        {text}
      </p>
      {refusal === undefined ? (
        <p class="fate">
          <ClockIcon />
          {isOnline ? "Sending…" : "Not sent yet"}
        </p>
      ) : (
        <p class="fate" data-bad="true">
          Not sent: {refusal}
          <button type="button" class="quiet" onClick={() => chat.retry(id)}>
            Try again
          </button>
          <button type="button" class="quiet" onClick={() => chat.discard(id)}>
            Discard
          </button>
        </p>
      )}
    </article>
  );
}
