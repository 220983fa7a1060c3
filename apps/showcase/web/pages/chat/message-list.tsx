// The conversation. It stays at its end while one is there; whoever has scrolled up to read is
// left in peace, and told that there is something new.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { DownIcon } from "../../shell/icons.js";
import { SendingMessage } from "./attachment.js";
import type { ChatModel } from "./chat-model.js";
import { PendingMessage, SaidMessage } from "./message.js";
import { messageKey, type RoomModel } from "./room-model.js";

/** Nearer to the end than this counts as at the end. */
const endPx = 48;
/** A pause longer than this begins a new group, with name and time. */
const groupMs = 5 * 60_000;

export function MessageList({ chat, room }: { chat: ChatModel; room: RoomModel }): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const { isAtEnd } = room;
  const missed = useSignal(0);
  const messages = room.messages.value;
  const pending = chat.pending.value.filter((message) => message.room === room.name);
  const sending = chat.attachments.sending.value.filter((file) => file.room === room.name);
  const { id: me } = chat.me.value;
  const lastKey = lastOf(messages.map(messageKey));
  const lastPending = lastOf(sending)?.id ?? lastOf(pending)?.id;

  const goToEnd = () => {
    const element = scroller.current;
    if (element) element.scrollTop = element.scrollHeight;
    isAtEnd.value = true;
    missed.value = 0;
  };
  useLayoutEffect(goToEnd, [lastPending]); // What we said ourselves, we want to see.
  useLayoutEffect(() => {
    if (isAtEnd.value) goToEnd();
    else if (lastOf(messages)?.by.id !== me) missed.value += 1;
  }, [lastKey]);
  useLayoutEffect(() => {
    // A phone's keyboard takes half of the height; a picture that arrives is higher than its name.
    const observer = new ResizeObserver(() => {
      if (isAtEnd.value) goToEnd();
    });
    for (const { current } of [scroller, content]) if (current) observer.observe(current);
    return () => observer.disconnect();
  }, []);

  return (
    <div class="messages">
      <div
        ref={scroller}
        class="scroller"
        role="log"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within the keyboard's reach.
        tabIndex={0}
        aria-label={`Messages ${room.isPrivate ? "with" : "in"} ${room.title.value}`}
        aria-description="Enter leads to what has become of your messages"
        onKeyDown={walkTicks}
        onScroll={({ currentTarget }) => {
          const { scrollHeight, scrollTop, clientHeight } = currentTarget;
          isAtEnd.value = scrollHeight - scrollTop - clientHeight < endPx;
          if (isAtEnd.value) missed.value = 0;
        }}
      >
        {messages.length + pending.length + sending.length === 0 && (
          <p class="empty">Nothing has been said here yet. Be the first.</p>
        )}
        <div ref={content} class="said">
          {messages.map((said, index) => {
            const before = messages[index - 1];
            const continues = before?.by.id === said.by.id && said.at - before.at < groupMs;
            return (
              <SaidMessage
                key={messageKey(said)}
                chat={chat}
                room={room}
                said={said}
                isOurs={said.by.id === me}
                continues={continues}
              />
            );
          })}
          {pending.map((message) => (
            <PendingMessage key={`${me}/${message.id}`} chat={chat} message={message} />
          ))}
          {sending.map((file) => (
            <SendingMessage key={file.id} chat={chat} file={file} />
          ))}
        </div>
      </div>
      {!isAtEnd.value && missed.value > 0 && (
        <button type="button" class="new-messages" onClick={goToEnd}>
          <DownIcon />
          {missed.value === 1 ? "1 new message" : `${missed.value} new messages`}
        </button>
      )}
    </div>
  );
}

/** Enter leads from the list to the ticks of our last message, arrows from one to the next. */
function walkTicks(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const list = event.currentTarget;
  const all = [...list.querySelectorAll<HTMLElement>(".ticks")];
  const at = all.indexOf(event.target as HTMLElement);
  const steps = new Map([
    ["ArrowUp", at - 1],
    ["ArrowDown", at + 1],
  ]);
  const isInside = at >= 0;
  const next = isInside
    ? event.key === "Escape"
      ? list
      : all[steps.get(event.key) ?? -1]
    : event.key === "Enter" && event.target === list
      ? all.at(-1)
      : undefined;
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}

function lastOf<Item>(items: readonly Item[]): Item | undefined {
  return items.at(-1);
}
