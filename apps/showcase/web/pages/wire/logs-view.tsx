// The session above the frames: its two logs with their counts, and what a resume does.
import type { JSX } from "preact";
import type { StoryStep } from "./cut-story.js";
import type { WireModel } from "./wire-model.js";

/** Entries of a log that are drawn: the latest. */
const entriesDrawn = 12;

export function LogsView({ wire, isHttp }: { wire: WireModel; isHttp: boolean }): JSX.Element {
  const counts = wire.counts.value;
  return (
    <div class="logs">
      <section class="wire-card" aria-labelledby="logs-title">
        <h2 id="logs-title">Two logs, two counts</h2>
        <p class="faint">
          A session is an ordered log in each direction. Both sides count what they have received,
          and keep what was not acknowledged. Nothing else is needed to continue over a new
          connection.
        </p>
        <div class="log-pair">
          <Log
            title="↑ Page to server"
            words={[
              ["received by the server", counts?.received],
              ["acknowledged to the page", wire.acknowledgedUp.value],
              ["kept by the page", less(counts?.received, wire.acknowledgedUp.value)],
            ]}
            head={counts?.received}
            acknowledged={wire.acknowledgedUp.value}
          />
          <Log
            title="↓ Server to page"
            words={[
              ["sent by the server", counts?.sent],
              ["acknowledged by the page", counts?.acknowledged],
              ["kept by the server", counts?.retained],
            ]}
            head={counts?.sent}
            acknowledged={counts?.acknowledged}
          />
        </div>
      </section>
      <section class="wire-card" aria-labelledby="cut-title">
        <header>
          <h2 id="cut-title">Cut the line</h2>
          <button
            type="button"
            class="cut"
            disabled={isHttp || wire.isCutting.value || wire.state.value.type !== "looking"}
            onClick={() => void wire.cut()}
          >
            {wire.isCutting.value ? "Cut…" : "✂ Cut the line"}
          </button>
        </header>
        <p class="faint">
          {isHttp
            ? "Only a WebSocket has a line of its own to cut."
            : "The server stops reading, and what it writes goes nowhere. Meanwhile both sides send three entries each. Half a second later it destroys the socket, and the page comes back by itself."}
        </p>
        <Story steps={wire.story.value} />
      </section>
    </div>
  );
}

interface LogProps {
  readonly title: string;
  readonly words: readonly (readonly [string, number | undefined])[];
  readonly head: number | undefined;
  readonly acknowledged: number | undefined;
}

function Log({ title, words, head, acknowledged }: LogProps): JSX.Element {
  const first = Math.max(0, (head ?? 0) - entriesDrawn);
  return (
    <div class="log">
      <h3>{title}</h3>
      <dl>
        {words.map(([name, value]) => (
          <div key={name}>
            <dd>{value?.toLocaleString("en") ?? "–"}</dd>
            <dt>{name}</dt>
          </div>
        ))}
      </dl>
      <div class="log-entries" aria-hidden="true">
        {first > 0 && <span class="log-more">…</span>}
        {Array.from({ length: (head ?? 0) - first }, (_, at) => {
          const position = first + at;
          const isKept = acknowledged === undefined || position >= acknowledged;
          return (
            <span key={position} data-kept={isKept}>
              {position}
            </span>
          );
        })}
      </div>
      <p class="log-legend" aria-hidden="true">
        <span data-kept={false} /> acknowledged <span data-kept={true} /> kept until it is
      </p>
    </div>
  );
}

function less(count: number | undefined, other: number | undefined): number | undefined {
  return count === undefined || other === undefined ? undefined : Math.max(0, count - other);
}

function Story({ steps }: { steps: readonly StoryStep[] }): JSX.Element | null {
  if (steps.length === 0) return null;
  const began = steps.find(({ at }) => at !== undefined)?.at;
  return (
    <>
      <div class="story-ends" aria-hidden="true">
        <span>Page</span>
        <span>Server</span>
      </div>
      <ol class="story" aria-label="What happened" aria-live="polite">
        {steps.map(({ key, direction, title, detail, mark, at }) => (
          <li key={key} data-direction={direction} data-mark={mark}>
            <span class="story-text">
              <strong>
                {marks[mark ?? "none"]}
                {title}
              </strong>
              <span class="faint">{detail}</span>
            </span>
            <span class="story-time">
              {at !== undefined && began !== undefined && `${at - began} ms`}
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}

const marks: Readonly<Record<NonNullable<StoryStep["mark"]> | "none", string>> = {
  none: "",
  lost: "✗ ",
  again: "↻ ",
  break: "✂ ",
  done: "✓ ",
};
