// The transport lab: five ways to bring a message to a page, at the same task, side by side.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { PageProps } from "../page.js";
import { type Canvases, Charts } from "./charts.js";
import { Controls } from "./controls.js";
import { Explanations, HowMeasured } from "./explanations.js";
import { SaveIcon } from "./icons.js";
import "./lab.css";
import { LabModel } from "./lab-model.js";
import { readPalette } from "./palette.js";
import { ResultsTable } from "./results-table.js";
import { saveCsv, savePicture } from "./save.js";

export default function Lab({ session }: PageProps): JSX.Element {
  const model = useMemo(() => new LabModel(session.client), [session]);
  const canvases = useRef<Canvases>({ latency: undefined, bytes: undefined });
  useEffect(() => () => model.close(), [model]);
  return (
    <main class="lab">
      <div class="lab-content">
        <header class="lab-head">
          <h1>Transport lab</h1>
          <p>
            Five ways to bring a message from a server to a page, doing the same task side by side.
            Every figure is measured as you look, on this page and this server.
          </p>
        </header>
        <Controls model={model} />
        <Progress model={model} />
        <Charts model={model} canvases={canvases.current} />
        <div class="figures-head">
          <h2>Figures</h2>
          <Save model={model} canvases={canvases.current} />
        </div>
        <ResultsTable model={model} />
        <Explanations model={model} />
        <HowMeasured model={model} />
      </div>
    </main>
  );
}

function Progress({ model }: { model: LabModel }): JSX.Element {
  const problem = model.problem.value;
  return (
    <div class="lab-progress">
      <p role="status">{describe(model)}</p>
      <p role="alert">{problem}</p>
    </div>
  );
}

/** Says what changes rarely: it is spoken. */
function describe(model: LabModel): string {
  const state = model.state.value;
  if (state === "idle") return "";
  if (state === "starting") return "Comparing the clocks…";
  if (state === "stopped") return model.problem.value === "" ? "Stopped. The figures stay." : "";
  const rows = model.rows.value;
  const linked = rows.filter(({ isLinked }) => isLinked).length;
  if (linked < rows.length) return `Connecting: ${linked} of ${rows.length}…`;
  const measuring = rows.some(({ cpuState }) => cpuState === "measuring");
  const count = `Running over ${rows.length} ${rows.length === 1 ? "connection" : "connections"}`;
  return `${count}${measuring ? "; CPU time is being measured beside it" : ""}.`;
}

interface SaveProps {
  readonly model: LabModel;
  readonly canvases: Canvases;
}

function Save({ model, canvases }: SaveProps): JSX.Element {
  const problem = useSignal("");
  const place = useRef<HTMLDivElement>(null);
  const rows = model.rows.value;
  const settings = model.settings.value;
  const picture = async () => {
    if (place.current === null) return;
    try {
      await savePicture(settings, rows, canvases, readPalette(place.current));
      problem.value = "";
    } catch (error) {
      problem.value = error instanceof Error ? error.message : String(error);
    }
  };
  return (
    <div class="save" ref={place}>
      <span role="alert">{problem.value}</span>
      <button
        type="button"
        class="outline"
        disabled={rows.length === 0}
        onClick={() => saveCsv(settings, rows)}
      >
        <SaveIcon />
        CSV
      </button>
      <button type="button" class="outline" disabled={rows.length === 0} onClick={picture}>
        <SaveIcon />
        Picture
      </button>
    </div>
  );
}
