// The chat as a page: asks for a name once, and goes on behind the other pages.
import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { lobby } from "../../../shared/chat/limits.js";
import type { Session } from "../../session/session.js";
import { saveFile } from "../../transfers/save-file.js";
import type { PageProps } from "../page.js";
import { attention } from "./attention.js";
import { ChatModel } from "./chat-model.js";
import { ChatPage } from "./chat-page.js";
import "./messages.css";
import { NameForm } from "./name-form.js";
import "./rooms.css";
import { roomOf } from "./room-address.js";
import { recallName, recallTab, rememberTab } from "./storage.js";

/** Lives as long as the tab: messages arrive while one looks at another page. */
const chat = signal<ChatModel | undefined>(undefined);

export default function Chat({ session, rest }: PageProps): JSX.Element {
  // A tab that was reloaded goes on as before; a new one asks for a name, and offers the last.
  useEffect(() => {
    const memory = recallTab();
    if (memory !== undefined && chat.value === undefined) open(session, memory.name, memory.rooms);
  }, []);
  const room = roomOf(rest);
  if (chat.value !== undefined) return <Opened chat={chat.value} room={room} />;
  return <Welcome onName={(name) => open(session, name, [])} />;
}

function open(session: Session, name: string, rooms: readonly string[]): void {
  const { client } = session;
  const first = rooms.length > 0 ? rooms : [lobby];
  const model = new ChatModel({
    client,
    name,
    rooms: first,
    remember: rememberTab,
    attention,
    save: saveFile,
  });
  model.onWaiting((count) => session.tellWaiting("chat", count));
  chat.value = model;
}

function Opened({ chat, room }: { chat: ChatModel; room: string }): JSX.Element {
  const unread = chat.unread.value;
  const title = chat.currentRoom.value?.title.value ?? room;
  useEffect(() => chat.show(room), [room]);
  useEffect(() => () => chat.hide(), []);
  useEffect(() => {
    document.title = `${unread > 0 ? `(${unread}) ` : ""}${title} · Tidewire`;
  }, [unread, title]);
  return <ChatPage chat={chat} />;
}

function Welcome({ onName }: { onName: (name: string) => void }): JSX.Element {
  return (
    <main class="welcome">
      <article>
        <h1>Chat</h1>
        <p>
          Open it in a second tab and talk to yourself, or send the address to others who can reach
          this server.
        </p>
        <NameForm name={recallName()} action="Enter the chat" onName={onName} />
      </article>
    </main>
  );
}
