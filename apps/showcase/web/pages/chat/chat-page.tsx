// The chat: rooms at one side, who is here at the other, the conversation between them. On a phone
// both sides are in a dialog behind one button.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Dialog } from "../../shell/dialog.js";
import { CloseIcon, PeopleIcon } from "../../shell/icons.js";
import { isNarrow } from "../../shell/narrow.js";
import type { ChatModel } from "./chat-model.js";
import { Composer } from "./composer.js";
import { MessageList } from "./message-list.js";
import { PeopleList } from "./people-list.js";
import { goToRoom } from "./room-address.js";
import { RoomList } from "./room-list.js";
import type { RoomModel } from "./room-model.js";
import { TypingLine } from "./typing-line.js";

export function ChatPage({ chat }: { chat: ChatModel }): JSX.Element {
  const room = chat.currentRoom.value;
  return (
    <div class="chat">
      {!isNarrow.value && (
        <aside class="side" aria-label="Rooms">
          <RoomList chat={chat} />
        </aside>
      )}
      <main class="conversation">
        <Notice chat={chat} />
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

function Conversation({ chat, room }: { chat: ChatModel; room: RoomModel }): JSX.Element {
  const composer = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    // A phone would open its keyboard over the messages.
    if (!isNarrow.value) composer.current?.focus();
  }, []);
  return (
    <>
      <RoomHeader chat={chat} room={room} />
      <MessageList chat={chat} room={room} />
      <TypingLine chat={chat} room={room} />
      <Composer chat={chat} room={room} input={composer} />
    </>
  );
}

function RoomHeader({ chat, room }: { chat: ChatModel; room: RoomModel }): JSX.Element {
  const isPanelOpen = useSignal(false);
  const { length } = room.people.value;
  const isOnlyRoom = chat.rooms.value.size === 1;
  const leave = () => {
    const next = [...chat.rooms.value.keys()].find((name) => name !== room.name);
    chat.leave(room.name);
    if (next !== undefined) goToRoom(next);
  };
  return (
    <header class="room-header">
      <h1>
        <span aria-hidden="true">#</span>
        <bdi>{room.name}</bdi>
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
        </button>
      )}
      {!isOnlyRoom && (
        <button type="button" class="quiet" aria-label={`Leave ${room.name}`} onClick={leave}>
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
              <PeopleList chat={chat} room={room} />
            </>
          )}
        </Dialog>
      )}
    </header>
  );
}

function Notice({ chat }: { chat: ChatModel }): JSX.Element {
  const notice = chat.notice.value;
  return (
    <div role="alert">
      {notice && (
        <p class="notice">
          {notice}
          <button
            type="button"
            class="quiet square"
            aria-label="Dismiss"
            onClick={() => chat.dismissNotice()}
          >
            <CloseIcon />
          </button>
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
