import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useId } from "preact/hooks";
import { roomNameLengthMax } from "../../../shared/chat/limits.js";
import { tidyRoomName } from "../../../shared/text-rules.js";
import { PlusIcon } from "../../shell/icons.js";
import type { ChatModel } from "./chat-model.js";
import { Me } from "./me.js";
import { PresenceDot } from "./presence-dot.js";
import { goToRoom, roomAddress } from "./room-address.js";

interface RoomListProps {
  readonly chat: ChatModel;
  readonly onChosen?: () => void;
}

/** Our rooms, the others, and a way to make a new one. */
export function RoomList({ chat, onChosen }: RoomListProps): JSX.Element {
  const all = [...chat.rooms.value.values()];
  const ours = all.filter(({ isPrivate }) => !isPrivate);
  const conversations = all.filter(({ isPrivate, isListed }) => isPrivate && isListed.value);
  const others = chat.directory.value.filter(({ name }) => !chat.rooms.value.has(name));
  const current = chat.currentRoom.value?.name;
  return (
    <nav class="rooms" aria-label="Rooms">
      <Me chat={chat} />
      <h2>Your rooms</h2>
      <ul>
        {ours.map(({ name, unread }) => (
          <li key={name}>
            <a
              href={roomAddress(name)}
              aria-current={name === current ? "page" : undefined}
              onClick={onChosen}
            >
              <RoomName name={name} />
              {unread.value > 0 && <Count value={unread.value} what="unread" isStrong />}
            </a>
          </li>
        ))}
      </ul>
      {conversations.length > 0 && (
        <>
          <h2>Private</h2>
          <ul>
            {conversations.map((room) => (
              <li key={room.name}>
                <a
                  href={roomAddress(room.name)}
                  aria-current={room.name === current ? "page" : undefined}
                  onClick={onChosen}
                >
                  <span class="room-name">
                    <PresenceDot isHere={room.isOtherHere.value} />
                    <bdi>{room.title.value}</bdi>
                  </span>
                  {room.unread.value > 0 && (
                    <Count value={room.unread.value} what="unread" isStrong />
                  )}
                </a>
              </li>
            ))}
          </ul>
        </>
      )}
      {others.length > 0 && (
        <>
          <h2>Other rooms</h2>
          <ul>
            {others.map(({ name, people }) => (
              <li key={name}>
                <a href={roomAddress(name)} onClick={onChosen}>
                  <RoomName name={name} />
                  <Count value={people} what={people === 1 ? "person" : "people"} />
                </a>
              </li>
            ))}
          </ul>
        </>
      )}
      <NewRoom onChosen={onChosen} />
    </nav>
  );
}

function NewRoom({ onChosen }: { onChosen: (() => void) | undefined }): JSX.Element {
  const id = useId();
  const name = useSignal("");
  const problem = useSignal("");
  const submit = (event: Event) => {
    event.preventDefault();
    const chosen = tidyRoomName(name.value);
    if (!chosen) {
      problem.value = "Please type a name for the room.";
      return;
    }
    name.value = "";
    goToRoom(chosen);
    onChosen?.();
  };
  return (
    <form class="new-room" onSubmit={submit} noValidate>
      <label for={id}>Create or join a room</label>
      <div class="row">
        <input
          id={id}
          value={name.value}
          maxLength={roomNameLengthMax}
          placeholder="e.g. tea kitchen"
          autocomplete="off"
          dir="auto"
          aria-invalid={problem.value ? "true" : undefined}
          aria-describedby={`${id}-problem`}
          onInput={(event) => {
            name.value = event.currentTarget.value;
            problem.value = "";
          }}
        />
        <button type="submit" class="square" aria-label="Create or join">
          <PlusIcon />
        </button>
      </div>
      <small id={`${id}-problem`} role="alert">
        {problem.value}
      </small>
    </form>
  );
}

function RoomName({ name }: { name: string }): JSX.Element {
  return (
    <span class="room-name">
      <span aria-hidden="true">#</span>
      <bdi>{name}</bdi>
    </span>
  );
}

interface CountProps {
  readonly value: number;
  readonly what: string;
  readonly isStrong?: boolean;
}

function Count({ value, what, isStrong }: CountProps): JSX.Element {
  return (
    <span class={isStrong ? "count strong" : "count"}>
      {value}
      <span class="unseen"> {what}</span>
    </span>
  );
}
