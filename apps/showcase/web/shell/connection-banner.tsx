// What is to be known while there is no connection.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { Outage, Session } from "../session/session.js";

export function ConnectionBanner({ session }: { session: Session }): JSX.Element | null {
  const outage = session.outage.value;
  const waiting = session.waiting.value;
  if (session.state.value === "closed") return <ClosedBanner session={session} />;
  if (outage === undefined) return null;
  return (
    <section class="banner" aria-label="No connection">
      <p>
        <strong>No connection to the server.</strong> {describeWaiting(waiting)}
      </p>
      <p class="retry">
        <NextAttempt outage={outage} onRetry={() => session.client.retry()} />
      </p>
    </section>
  );
}

/** The server's last word: it would say the same again. */
function ClosedBanner({ session }: { session: Session }): JSX.Element {
  return (
    <section class="banner" aria-label="No connection">
      <p>
        <strong>The connection is closed.</strong> {session.client.failure?.detail}
      </p>
      <p class="retry">
        <button type="button" onClick={() => location.reload()}>
          Reload
        </button>
      </p>
    </section>
  );
}

function describeWaiting(count: number): string {
  if (count === 0) return "What you write is kept and sent later.";
  return count === 1
    ? "1 message is kept and sent later."
    : `${count} messages are kept and sent later.`;
}

interface NextAttemptProps {
  readonly outage: Outage;
  readonly onRetry: () => void;
}

/** Counts down for the eye only: spoken every second, it would drown everything else. */
function NextAttempt({ outage, onRetry }: NextAttemptProps): JSX.Element {
  const now = useSignal(Date.now());
  useEffect(() => {
    now.value = Date.now();
    const timer = setInterval(() => {
      now.value = Date.now();
    }, 250);
    return () => clearInterval(timer);
  }, [outage]);
  const seconds = Math.ceil((outage.retryAt - now.value) / 1_000);
  return (
    <>
      <span>{seconds > 0 ? `Retry in ${seconds} s` : "Connecting…"}</span>
      <button type="button" disabled={seconds <= 0} onClick={onRetry}>
        Retry now
      </button>
    </>
  );
}
