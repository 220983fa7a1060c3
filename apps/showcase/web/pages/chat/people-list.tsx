import type { JSX } from "preact";
import type { ChatModel } from "./chat-model.js";
import { Avatar, PersonName } from "./person-name.js";
import type { RoomModel } from "./room-model.js";

/** Who is in a room, we first. */
export function PeopleList({ chat, room }: { chat: ChatModel; room: RoomModel }): JSX.Element {
  const { id } = chat.me.value;
  const people = room.people.value;
  const ordered = [
    ...people.filter((person) => person.id === id),
    ...people.filter((person) => person.id !== id),
  ];
  return (
    <section class="people" aria-label={`People in ${room.name}`}>
      <h2>
        Here now <span class="count">{people.length}</span>
      </h2>
      <ul>
        {ordered.map((person) => (
          <li key={person.id}>
            <Avatar person={person} />
            <PersonName person={person} sharedNames={room.sharedNames.value} />
            {person.id === id && <span class="you">you</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
