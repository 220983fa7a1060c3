// The state of the connection: a word in the header, and a banner while there is none.
import { useComputed, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { ChatModel } from "../chat/chat-model.js";

const words = { connecting: "Connecting…", online: "Online", offline: "Offline" } as const;

export function ConnectionStatus({ chat }: { chat: ChatModel }): JSX.Element {
  const { state } = chat.connectionState.value;
  // Each further attempt is shown in the banner. A screen reader says only what changes here.
  const shown = useIsDown(chat) ? "offline" : state;
  return (
    <span class="status" data-state={shown} role="status" aria-label="Connection">
      {words[shown]}
    </span>
  );
}

export function ConnectionBanner({ chat }: { chat: ChatModel }): JSX.Element | null {
  const { state } = chat.connectionState.value;
  const isDown = useIsDown(chat);
  const waiting = useComputed(
    () => chat.pending.value.filter(({ refusal }) => refusal === undefined).length,
  );
  if (!isDown) return null;
  return (
    <section class="banner" aria-label="No connection">
      <p>
        <strong>No connection to the server.</strong> {describeWaiting(waiting.value)}
      </p>
      <p class="retry">
        <NextAttempt chat={chat} />
        <button type="button" disabled={state !== "offline"} onClick={() => chat.retryNow()}>
          Retry now
        </button>
      </p>
    </section>
  );
}

/** From the first failure until the connection is back for good, attempts in between included. */
function useIsDown(chat: ChatModel): boolean {
  const isDown = useSignal(false);
  const { state } = chat.connectionState.value;
  useEffect(() => {
    if (state === "offline") isDown.value = true;
    if (state === "online") isDown.value = false;
  }, [state]);
  return isDown.value;
}

function describeWaiting(count: number): string {
  if (count === 0) return "What you write is kept and sent later.";
  return count === 1
    ? "1 message is kept and sent later."
    : `${count} messages are kept and sent later.`;
}

/** Counts down for the eye only: spoken every second, it would drown everything else. */
function NextAttempt({ chat }: { chat: ChatModel }): JSX.Element {
  const now = useSignal(Date.now());
  const current = chat.connectionState.value;
  useEffect(() => {
    now.value = Date.now();
    const timer = setInterval(() => {
      now.value = Date.now();
    }, 250);
    return () => clearInterval(timer);
  }, [current]);
  if (current.state !== "offline") return <span>Connecting…</span>;
  const seconds = Math.max(0, Math.ceil((current.retryAt - now.value) / 1_000));
  return <span>Retry in {seconds} s</span>;
}
