// One message: what somebody said, or what we want to say and the server has not confirmed.
import type { JSX } from "preact";
import type { Said } from "../../../shared/chat/contract.js";
import { ClockIcon } from "../../shell/icons.js";
import { ReceivedFile } from "./attachment.js";
import type { ChatModel } from "./chat-model.js";
import type { Pending } from "./outbox.js";
import { Avatar, PersonName } from "./person-name.js";
import type { RoomModel } from "./room-model.js";
import { Ticks } from "./ticks.js";

const hour = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

interface SaidMessageProps {
  readonly chat: ChatModel;
  readonly room: RoomModel;
  readonly said: Said;
  readonly isOurs: boolean;
  /** It follows another one of the same person: name and time need not be said again. */
  readonly continues: boolean;
}

export function SaidMessage({
  chat,
  room,
  said,
  isOurs,
  continues,
}: SaidMessageProps): JSX.Element {
  const at = new Date(said.at);
  const { attachment } = said;
  return (
    <article class="message" data-ours={isOurs} data-continues={continues}>
      {!isOurs && !continues && <Avatar person={said.by} />}
      <p class={continues ? "unseen" : "byline"}>
        {isOurs ? (
          <span class="unseen">You</span>
        ) : (
          <PersonName person={said.by} sharedNames={room.sharedNames.value} />
        )}{" "}
        <time dateTime={at.toISOString()} title={full.format(at)}>
          {hour.format(at)}
        </time>
      </p>
      {attachment === undefined ? (
        <p class="text" dir="auto">
          {said.text}
        </p>
      ) : (
        <ReceivedFile chat={chat} file={chat.attachments.of(room.name, attachment)} />
      )}
      {isOurs && <Ticks chat={chat} room={room} id={said.id} />}
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
