import type { JSX } from "preact";
import { privateRoom } from "../../../shared/chat/private-room.js";
import type { ChatModel } from "./chat-model.js";
import { PrivateIcon } from "./icons.js";
import { Avatar, PersonName } from "./person-name.js";
import { roomAddress } from "./room-address.js";
import type { RoomModel } from "./room-model.js";

interface PeopleListProps {
  readonly chat: ChatModel;
  readonly room: RoomModel;
  readonly onChosen?: () => void;
}

/** Who is in a room, we first; with everybody else one can talk in private. */
export function PeopleList({ chat, room, onChosen }: PeopleListProps): JSX.Element {
  const { id } = chat.me.value;
  const people = room.people.value;
  const ordered = [
    ...people.filter((person) => person.id === id),
    ...people.filter((person) => person.id !== id),
  ];
  return (
    <section
      class="people"
      aria-label={`People ${room.isPrivate ? "with" : "in"} ${room.title.value}`}
    >
      <h2>
        Here now <span class="count">{people.length}</span>
      </h2>
      <ul>
        {ordered.map((person) => (
          <li key={person.id}>
            <Avatar person={person} />
            <PersonName person={person} sharedNames={room.sharedNames.value} />
            {person.id === id && <span class="you">you</span>}
            {person.id !== id && id !== "" && !room.isPrivate && (
              <a
                class="write"
                href={roomAddress(privateRoom(id, person.id))}
                aria-label={`Write to ${person.name} in private`}
                title={`Write to ${person.name} in private`}
                onClick={onChosen}
              >
                <PrivateIcon />
              </a>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
