import type { JSX } from "preact";
import type { ChatModel } from "./chat-model.js";
import type { RoomModel } from "./room-model.js";

/** Who is typing. Not announced: it comes and goes too often. */
export function TypingLine({ chat, room }: { chat: ChatModel; room: RoomModel }): JSX.Element {
  const others = room.typists.value.filter(({ id }) => id !== chat.me.value.id);
  const [first, second] = others;
  return (
    <p class="typing" aria-hidden="true">
      {others.length > 2 && `${others.length} people are typing…`}
      {others.length === 2 && first && second && (
        <>
          <bdi>{first.name}</bdi> and <bdi>{second.name}</bdi> are typing…
        </>
      )}
      {others.length === 1 && first && (
        <>
          <bdi>{first.name}</bdi> is typing…
        </>
      )}
    </p>
  );
}
