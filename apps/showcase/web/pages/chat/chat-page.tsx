// The chat: rooms at one side, who is here at the other, the conversation between them. On a phone
// both sides are in a dialog behind one button.
import { type Signal, useSignal } from "@preact/signals";
import type { HTMLAttributes, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Dialog } from "../../shell/dialog.js";
import { CloseIcon, PeopleIcon } from "../../shell/icons.js";
import { isNarrow } from "../../shell/narrow.js";
import { Notice } from "../../shell/notice.js";
import { offerFocus } from "../../shell/offer-focus.js";
import { hasFiles, readDropped } from "../../transfers/dropped-files.js";
import type { ChatModel } from "./chat-model.js";
import { Composer } from "./composer.js";
import { MessageList } from "./message-list.js";
import { PeopleList } from "./people-list.js";
import { PresenceDot } from "./presence-dot.js";
import { goToRoom } from "./room-address.js";
import { RoomList } from "./room-list.js";
import type { RoomModel } from "./room-model.js";
import { TypingLine } from "./typing-line.js";

export function ChatPage({ chat }: { chat: ChatModel }): JSX.Element {
  const room = chat.currentRoom.value;
  const isOver = useSignal(false);
  return (
    <div class="chat">
      {!isNarrow.value && (
        <aside class="side" aria-label="Rooms">
          <RoomList chat={chat} />
        </aside>
      )}
      <main class="conversation" data-over={isOver.value} {...dropsOn(chat, isOver)}>
        <Notice text={chat.notice.value} onDismiss={() => chat.dismissNotice()} />
        <p class="unseen" role="status">
          {chat.attachments.news.value}
        </p>
        {room ? <Conversation key={room.name} chat={chat} room={room} /> : <NoRoom chat={chat} />}
      </main>
      {!isNarrow.value && room && (
        <aside class="side" aria-label="People">
          <PeopleList chat={chat} room={room} />
        </aside>
      )}
    </div>
  );
}

/** Files that are dropped on the conversation are sent to it. */
function dropsOn(
  chat: ChatModel,
  isOver: Signal<boolean>,
): Pick<HTMLAttributes<HTMLElement>, "onDragOver" | "onDragLeave" | "onDrop"> {
  return {
    onDragOver: (event) => {
      if (!hasFiles(event.dataTransfer)) return;
      event.preventDefault();
      isOver.value = chat.currentRoom.value !== undefined;
    },
    onDragLeave: ({ currentTarget, relatedTarget }) => {
      if (!currentTarget.contains(relatedTarget as Node | null)) isOver.value = false;
    },
    onDrop: (event) => {
      if (!hasFiles(event.dataTransfer)) return;
      event.preventDefault();
      isOver.value = false;
      const { files, folders } = readDropped(event.dataTransfer);
      chat.attach(files, folders);
    },
  };
}

function Conversation({ chat, room }: { chat: ChatModel; room: RoomModel }): JSX.Element {
  const composer = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    // A phone would open its keyboard over the messages.
    if (!isNarrow.value) offerFocus(composer.current);
  }, []);
  return (
    <>
      <RoomHeader chat={chat} room={room} />
      <MessageList chat={chat} room={room} />
      <Away room={room} />
      <TypingLine chat={chat} room={room} />
      <Composer chat={chat} room={room} input={composer} />
    </>
  );
}

function RoomHeader({ chat, room }: { chat: ChatModel; room: RoomModel }): JSX.Element {
  const isPanelOpen = useSignal(false);
  const { length } = room.people.value;
  const others = [...chat.rooms.value.values()].filter((other) => other !== room);
  const open = others.filter(({ isPrivate }) => !isPrivate);
  const isOnlyRoom = open.length === 0;
  const leave = () => {
    const next = open[0]?.name;
    chat.leave(room.name);
    if (next !== undefined) goToRoom(next);
  };
  return (
    <header class="room-header">
      <h1>
        {room.isPrivate ? (
          <PresenceDot isHere={room.isOtherHere.value} />
        ) : (
          <span aria-hidden="true">#</span>
        )}
        <bdi>{room.title.value}</bdi>
        {room.isPrivate && <small>private</small>}
      </h1>
      {isNarrow.value && (
        <button
          type="button"
          class="quiet panel-button"
          onClick={() => {
            isPanelOpen.value = true;
          }}
        >
          <PeopleIcon />
          Rooms and people
          <span class="count">{length}</span>
          {chat.unread.value > 0 && (
            <span class="count strong">
              {chat.unread.value}
              <span class="unseen"> unread</span>
            </span>
          )}
        </button>
      )}
      {!isOnlyRoom && (
        <button
          type="button"
          class="quiet"
          aria-label={`Leave ${room.title.value}`}
          onClick={leave}
        >
          <CloseIcon />
          {!isNarrow.value && "Leave"}
        </button>
      )}
      {isPanelOpen.value && (
        <Dialog
          title="Rooms and people"
          class="panel"
          onClose={() => {
            isPanelOpen.value = false;
          }}
        >
          {(close) => (
            <>
              <RoomList chat={chat} onChosen={close} />
              <PeopleList chat={chat} room={room} onChosen={close} />
            </>
          )}
        </Dialog>
      )}
    </header>
  );
}

/** The other one of a private conversation is not here: it is not lost on them. */
function Away({ room }: { room: RoomModel }): JSX.Element {
  const other = room.other.value;
  const isAway = room.isPrivate && room.marks.value !== undefined && !room.isOtherHere.value;
  return (
    <div role="status">
      {isAway && (
        <p class="away">
          <bdi>{other?.name}</bdi> is not here now. What you write waits for an hour.
        </p>
      )}
    </div>
  );
}

function NoRoom({ chat }: { chat: ChatModel }): JSX.Element {
  return (
    <div class="no-room">
      <h1>You are not in this room</h1>
      <RoomList chat={chat} />
    </div>
  );
}
