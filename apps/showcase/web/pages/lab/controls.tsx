// What is measured: the task, how often, how large, over which transports.
import type { JSX } from "preact";
import { useId } from "preact/hooks";
import { type LabTask, labTransports } from "../../../shared/lab/contract.js";
import { pollIntervalMsMax, pollIntervalMsMin } from "../../../shared/lab/limits.js";
import { PlayIcon, StopIcon } from "./icons.js";
import type { LabModel } from "./lab-model.js";
import { Swatch } from "./swatch.js";
import { labWords } from "./words.js";

const taskWords: Readonly<Record<LabTask, { label: string; explanation: string }>> = {
  push: { label: "Push", explanation: "The server sends notifications." },
  echo: { label: "Echo", explanation: "The page asks, the server answers." },
};

const rates = [1, 2, 5, 10, 20, 50, 100, 200];
const sizes = [0, 20, 100, 500, 2_000, 8_000];
const intervals = [100, 250, 500, 1_000, 2_000, 5_000, 10_000].filter(
  (ms) => ms >= pollIntervalMsMin && ms <= pollIntervalMsMax,
);

export function Controls({ model }: { model: LabModel }): JSX.Element {
  const { rate, size, pollIntervalMs } = model.settings.value;
  return (
    <section class="lab-controls panel" aria-label="What is measured">
      <div class="knobs">
        <TaskChoice model={model} />
        <Steps
          label="Messages"
          values={rates}
          value={rate}
          say={(value) => `${value} per second`}
          onChange={(value) => model.change({ rate: value })}
        />
        <Steps
          label="Payload"
          values={sizes}
          value={size}
          say={(value) => `${value.toLocaleString("en")} characters`}
          onChange={(value) => model.change({ size: value })}
        />
        <Steps
          label="Short polls"
          values={intervals}
          value={pollIntervalMs}
          say={(value) => `every ${value < 1_000 ? `${value} ms` : `${value / 1_000} s`}`}
          onChange={(value) => model.change({ pollIntervalMs: value })}
        />
      </div>
      <div class="lab-bar">
        <fieldset class="chips">
          <legend class="unseen">Transports</legend>
          {labTransports.map((transport) => (
            <label key={transport} class="chip">
              <input
                type="checkbox"
                checked={model.chosen.value.includes(transport)}
                onChange={(event) => model.choose(transport, event.currentTarget.checked)}
              />
              <Swatch transport={transport} />
              {labWords[transport].label}
            </label>
          ))}
        </fieldset>
        <StartStop model={model} />
      </div>
    </section>
  );
}

function TaskChoice({ model }: { model: LabModel }): JSX.Element {
  const { task } = model.settings.value;
  return (
    <fieldset class="knob tasks">
      <legend>Task</legend>
      <div class="segments">
        {(Object.keys(taskWords) as LabTask[]).map((name) => (
          <label key={name}>
            <input
              type="radio"
              name="lab-task"
              checked={task === name}
              onChange={() => model.change({ task: name })}
            />
            {taskWords[name].label}
          </label>
        ))}
      </div>
      <small>{taskWords[task].explanation}</small>
    </fieldset>
  );
}

interface StepsProps {
  readonly label: string;
  readonly values: readonly number[];
  readonly value: number;
  readonly say: (value: number) => string;
  readonly onChange: (value: number) => void;
}

/** A slider over values that grow like 1, 2, 5, 10. */
function Steps({ label, values, value, say, onChange }: StepsProps): JSX.Element {
  const id = useId();
  const words = say(value);
  return (
    <div class="knob">
      <label for={id}>
        {label} <output>{words}</output>
      </label>
      <input
        id={id}
        type="range"
        min={0}
        max={values.length - 1}
        step={1}
        value={values.indexOf(value)}
        aria-valuetext={words}
        onInput={(event) => onChange(values[Number(event.currentTarget.value)] ?? value)}
      />
    </div>
  );
}

function StartStop({ model }: { model: LabModel }): JSX.Element {
  const state = model.state.value;
  const isRunning = state === "running" || state === "starting";
  return (
    <button
      type="button"
      class="start-stop"
      disabled={model.chosen.value.length === 0}
      onClick={() => (isRunning ? model.stop() : model.start())}
    >
      {isRunning ? <StopIcon /> : <PlayIcon />}
      {isRunning ? "Stop" : "Start"}
    </button>
  );
}
