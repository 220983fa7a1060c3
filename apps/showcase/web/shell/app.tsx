// The frame around every page: header, connection, and the page itself.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { lobby } from "../../shared/limits.js";
import type { ChatModel } from "../chat/chat-model.js";
import { ChatPage } from "../chat/chat-page.js";
import { NameForm } from "../chat/name-form.js";
import { ConnectionBanner, ConnectionStatus } from "./connection-status.js";
import { Dialog } from "./dialog.js";
import { BrandIcon, PencilIcon } from "./icons.js";
import { routeRoom } from "./route.js";
import { recallName, recallTab } from "./storage.js";

export function App({ chat }: { chat: ChatModel }): JSX.Element {
  const memory = recallTab();
  const isStarted = useSignal(false);
  const start = (name: string) => {
    chat.start(name, memory?.rooms.length ? memory.rooms : [lobby]);
    isStarted.value = true;
  };
  // A tab that was reloaded goes on as before; a new one asks for a name, and offers the last.
  useEffect(() => {
    if (memory?.name) start(memory.name);
  }, []);
  if (!isStarted.value) return <Welcome onName={start} />;
  return <Started chat={chat} />;
}

function Welcome({ onName }: { onName: (name: string) => void }): JSX.Element {
  return (
    <main class="welcome">
      <article>
        <h1>
          <Brand />
        </h1>
        <p>
          A chat over WebSockets. Open it in a second tab and talk to yourself, or send the address
          to others who can reach this server.
        </p>
        <NameForm name={recallName()} action="Enter the chat" onName={onName} />
      </article>
    </main>
  );
}

function Started({ chat }: { chat: ChatModel }): JSX.Element {
  const isRenaming = useSignal(false);
  const { name } = chat.me.value;
  const unread = chat.unread.value;
  const room = routeRoom.value;
  useEffect(() => chat.show(room), [room]);
  useEffect(() => {
    document.title = `${unread > 0 ? `(${unread}) ` : ""}${room} · Tidewire`;
  }, [unread, room]);
  return (
    <>
      <header class="shell-header">
        <Brand />
        <ConnectionStatus chat={chat} />
        <button
          type="button"
          class="quiet me"
          aria-label={`Your name is ${name}. Change it`}
          onClick={() => {
            isRenaming.value = true;
          }}
        >
          <bdi>{name}</bdi>
          <PencilIcon />
        </button>
      </header>
      <ConnectionBanner chat={chat} />
      <ChatPage chat={chat} />
      {isRenaming.value && (
        <Dialog
          title="Change your name"
          onClose={() => {
            isRenaming.value = false;
          }}
        >
          {(close) => (
            <NameForm
              name={name}
              action="Save"
              onName={(newName) => {
                chat.rename(newName);
                close();
              }}
            />
          )}
        </Dialog>
      )}
    </>
  );
}

function Brand(): JSX.Element {
  return (
    <span class="brand">
      <BrandIcon />
      Tidewire
    </span>
  );
}
