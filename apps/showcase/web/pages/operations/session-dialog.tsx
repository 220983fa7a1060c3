// A look into one session, as long as it is open: how it fares, never what it says. And its end.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { SessionDetails } from "../../../shared/operations/contract.js";
import type { ShowcaseClient } from "../../session/session.js";
import { transportWords } from "../../session/transports.js";
import { Dialog } from "../../shell/dialog.js";
import { codeOf, explain } from "./explain.js";
import { bytes, duration, inWords, milliseconds } from "./format.js";

interface SessionDialogProps {
  readonly id: string;
  readonly client: ShowcaseClient;
  readonly isOwn: boolean;
  readonly onClose: () => void;
}

const everyMs = 1_000;

export function SessionDialog({ id, client, isOwn, onClose }: SessionDialogProps): JSX.Element {
  const details = useSignal<SessionDetails | undefined>(undefined);
  const isGone = useSignal(false);
  const problem = useSignal("");
  const attempt = async (action: () => Promise<void>) => {
    try {
      await action();
      problem.value = "";
    } catch (error) {
      if (codeOf(error) === "gone") isGone.value = true;
      else problem.value = explain(error);
    }
  };
  useEffect(() => {
    let isAsking = false;
    const look = async () => {
      if (isAsking || isGone.value) return;
      isAsking = true;
      await attempt(async () => {
        details.value = await client.request("operations.session", id);
      });
      isAsking = false;
    };
    void look();
    const timer = setInterval(() => void look(), everyMs);
    return () => clearInterval(timer);
  }, [client, id]);
  return (
    <Dialog title="Session" class="ops-look" onClose={onClose}>
      {() => (
        <>
          <p class="ops-look-id">
            <code>{id}</code>
          </p>
          <p role="status">{isGone.value && "This session is over."}</p>
          <p role="alert" class="ops-problem">
            {problem.value}
          </p>
          {details.value !== undefined && <Facts details={details.value} />}
          {details.value !== undefined && !isGone.value && (
            <Disconnect
              isOwn={isOwn}
              onConfirmed={() =>
                attempt(async () => {
                  await client.request("operations.disconnect", id);
                  isGone.value = true;
                })
              }
            />
          )}
        </>
      )}
    </Dialog>
  );
}

function Facts({ details }: { details: SessionDetails }): JSX.Element {
  const { now, transport, isLinked, links, linkChangedAt, roundTripMs, user, origin } = details;
  const ago = duration(now - linkChangedAt);
  return (
    <>
      <dl class="details ops-facts">
        <dt>State</dt>
        <dd>
          {isLinked
            ? `linked for ${ago} by ${transportWords[transport].label}`
            : `without a link for ${ago}; it may come back`}
        </dd>
        <dt>Age</dt>
        <dd>
          {duration(now - details.since)}, {links === 1 ? "1 link" : `${links} links`}
        </dd>
        <dt>Address</dt>
        <dd>{details.address}</dd>
        <dt>Origin</dt>
        <dd>{origin ?? "none: not a page"}</dd>
        <dt>User</dt>
        <dd>{user === undefined ? "a guest" : <code>{user}</code>}</dd>
        <dt>Round trip</dt>
        <dd>
          {roundTripMs === undefined ? "not measured yet" : inWords(milliseconds(roundTripMs))}
        </dd>
        <dt>Handlers</dt>
        <dd>
          {details.handling} at work, {details.inbox} waiting
        </dd>
        <dt>Asked of it</dt>
        <dd>
          {details.asked} without an answer; {details.streams} open streams
        </dd>
        {details.isOperator && (
          <>
            <dt>Rights</dt>
            <dd>has shown the operations token</dd>
          </>
        )}
      </dl>
      <Logs details={details} />
      <h3>Rooms</h3>
      {details.rooms === 0 ? (
        <p class="faint">None.</p>
      ) : (
        <ul class="ops-names">
          {details.roomNames.map((name) => (
            <li key={name}>
              <bdi>{name}</bdi>
            </li>
          ))}
          {details.rooms > details.roomNames.length && (
            <li>and {details.rooms - details.roomNames.length} more</li>
          )}
        </ul>
      )}
      <h3>What it called last</h3>
      {details.calls.length === 0 ? (
        <p class="faint">Nothing yet.</p>
      ) : (
        <ol class="ops-calls">
          {details.calls.map(({ type, name, at }, index) => (
            <li key={`${at} ${index}`}>
              <code>{name}</code>
              <span>{type}</span>
              <span>{duration(now - at)} ago</span>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}

/** The two logs of a session: what each end has sent, and what the other has acknowledged. */
function Logs({ details }: { details: SessionDetails }): JSX.Element {
  const { sent, acknowledged, received, retainedEntries, retainedBytes } = details;
  return (
    <dl class="ops-logs">
      <div>
        <dt>Sent to it</dt>
        <dd>{sent.toLocaleString("en")}</dd>
      </div>
      <div>
        <dt>Acknowledged</dt>
        <dd>{acknowledged.toLocaleString("en")}</dd>
      </div>
      <div>
        <dt>Retained</dt>
        <dd>
          {retainedEntries.toLocaleString("en")}
          <small>{inWords(bytes(retainedBytes))}</small>
        </dd>
      </div>
      <div>
        <dt>Received</dt>
        <dd>{received.toLocaleString("en")}</dd>
      </div>
    </dl>
  );
}

interface DisconnectProps {
  readonly isOwn: boolean;
  readonly onConfirmed: () => Promise<void>;
}

function Disconnect(props: DisconnectProps): JSX.Element {
  const isAsked = useSignal(false);
  const ask = (asked: boolean) => () => {
    isAsked.value = asked;
  };
  if (isAsked.value) return <Confirm {...props} onCancelled={ask(false)} />;
  return (
    <button type="button" class="outline ops-danger" onClick={ask(true)}>
      Disconnect…
    </button>
  );
}

function Confirm({
  isOwn,
  onConfirmed,
  onCancelled,
}: DisconnectProps & { readonly onCancelled: () => void }): JSX.Element {
  const isAtWork = useSignal(false);
  const cancel = useRef<HTMLButtonElement>(null);
  // The button that asked for it is gone; what ends nothing is next.
  useLayoutEffect(() => cancel.current?.focus(), []);
  const confirm = async () => {
    isAtWork.value = true;
    await onConfirmed();
    isAtWork.value = false;
  };
  return (
    <section class="ops-confirm" aria-label="Disconnect this session?">
      <p>
        {isOwn && <strong>This is the session of this very page. </strong>}
        Its client is told code 4006, “Whoever runs this server has ended this session.”, and does
        not come back by itself. What has not reached it yet is lost. Its page offers to reload,
        which begins a new session: this is no ban.
      </p>
      <div class="ops-buttons">
        <button type="button" class="outline" ref={cancel} onClick={onCancelled}>
          Cancel
        </button>
        <button type="button" class="ops-danger" disabled={isAtWork.value} onClick={confirm}>
          Disconnect now
        </button>
      </div>
    </section>
  );
}
