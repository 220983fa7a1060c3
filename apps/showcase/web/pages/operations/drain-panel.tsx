// The drain: what it means, how it is begun, and how far it is.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useId } from "preact/hooks";
import type { DrainProgress } from "../../../shared/operations/contract.js";
import { drainWord } from "../../../shared/operations/limits.js";
import { Dialog } from "../../shell/dialog.js";
import { explain } from "./explain.js";
import { clock, duration } from "./format.js";
import type { OperationsModel } from "./operations-model.js";

const choices = [5_000, 30_000, 120_000] as const;

export function DrainPanel({ model }: { model: OperationsModel }): JSX.Element {
  const isOpen = useSignal(false);
  const isBegun = model.drain.value !== undefined;
  return (
    <section class="ops-drain panel" aria-labelledby="ops-drain">
      <div>
        <h2 id="ops-drain">Drain</h2>
        <p>
          Before a node is stopped, its links are let go a few at a time. Each client is told code
          4002 and a delay of its own, so that they do not all come back at once. Behind a load
          balancer they come back to another node. This showcase is a single process without a
          successor: it refuses them until it is started again, and there is no way back but that.
        </p>
      </div>
      <button
        type="button"
        class="outline ops-danger"
        disabled={isBegun}
        onClick={() => {
          isOpen.value = true;
        }}
      >
        {isBegun ? "Begun" : "Drain…"}
      </button>
      {isOpen.value && (
        <Dialog
          title="Drain this server"
          class="ops-look"
          onClose={() => {
            isOpen.value = false;
          }}
        >
          {(close) => <DrainForm model={model} onBegun={close} />}
        </Dialog>
      )}
    </section>
  );
}

function DrainForm({
  model,
  onBegun,
}: {
  model: OperationsModel;
  onBegun: () => void;
}): JSX.Element {
  const overMs = useSignal<number>(choices[1]);
  const word = useSignal("");
  const problem = useSignal("");
  const wordId = useId();
  const isConfirmed = word.value.trim().toLowerCase() === drainWord;
  const begin = async () => {
    try {
      await model.beginDrain(overMs.value);
      onBegun();
    } catch (error) {
      problem.value = explain(error);
    }
  };
  return (
    <form
      class="ops-drain-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (isConfirmed) void begin();
      }}
    >
      <ul>
        <li>From now on no new link is taken, and none that was lost comes back.</li>
        <li>The links that there are end one after the other; pages like this one are the last.</li>
        <li>Everybody sees “No connection”, until the server is started again.</li>
        <li>The process goes on: stop it at its console. What it keeps in memory goes with it.</li>
      </ul>
      <fieldset>
        <legend>Over</legend>
        {choices.map((ms) => (
          <label key={ms}>
            <input
              type="radio"
              name="ops-drain-over"
              checked={overMs.value === ms}
              onChange={() => {
                overMs.value = ms;
              }}
            />
            {duration(ms)}
          </label>
        ))}
      </fieldset>
      <label for={wordId}>
        Type <b>{drainWord}</b> to confirm
      </label>
      <input
        id={wordId}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        value={word.value}
        onInput={(event) => {
          word.value = event.currentTarget.value;
        }}
      />
      <p role="alert" class="ops-problem">
        {problem.value}
      </p>
      <button type="submit" class="ops-danger" disabled={!isConfirmed}>
        Drain now
      </button>
    </form>
  );
}

interface DrainBannerProps {
  readonly drain: DrainProgress;
  /** Whether this page has a link still. */
  readonly isLinked: boolean;
}

export function DrainBanner({ drain, isLinked }: DrainBannerProps): JSX.Element {
  const { total, left, overMs, startedAt } = drain;
  const gone = Math.max(0, total - left);
  return (
    <section class="ops-banner" aria-labelledby="ops-draining">
      <h2 id="ops-draining">{isLinked ? "Draining" : "Drained"}</h2>
      <progress max={Math.max(1, total)} value={gone} aria-labelledby="ops-draining" />
      <p role="status">
        {isLinked
          ? `${gone} of ${total} links are let go, over ${duration(overMs)}. New ones are refused.`
          : `This page was let go as one of the last: of ${total} links at most ${left} are left. The server refuses every link until it is started again; then this page comes back by itself, and asks for the token if it is another.`}
      </p>
      <small>Begun at {clock(startedAt)}</small>
    </section>
  );
}
