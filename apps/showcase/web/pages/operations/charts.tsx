// The charts as small multiples: each with its figure of the moment, its range, and its lines by name.
import { type Signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { Sample, SampleField } from "../../../shared/operations/sample.js";
import { type ChartSpec, chartSpecs } from "./chart-specs.js";
import { clock, duration, type Format, inWords } from "./format.js";
import { dashes } from "./palette.js";
import { Plot } from "./plot.js";

export function Charts({ samples }: { samples: readonly Sample[] }): JSX.Element {
  const pointed = useSignal<number | undefined>(undefined);
  const [first, last] = [samples[0], samples.at(-1)];
  const sample = samples[pointed.value ?? -1] ?? last;
  return (
    <section aria-labelledby="ops-load">
      <div class="ops-section-head">
        <h2 id="ops-load">Load</h2>
        <p>{describe(first, last, sample)}</p>
      </div>
      <div class="ops-charts">
        {chartSpecs.map((spec) => (
          <ChartCard
            key={spec.title}
            spec={spec}
            samples={samples}
            sample={sample}
            pointed={pointed}
          />
        ))}
      </div>
    </section>
  );
}

/** Which moment the figures are of. */
function describe(
  first: Sample | undefined,
  last: Sample | undefined,
  shown: Sample | undefined,
): string {
  if (first === undefined || last === undefined || shown === undefined) return "";
  if (shown !== last)
    return `Figures of ${clock(shown.at)}, ${duration(last.at - shown.at)} before`;
  return `The last ${duration(last.at - first.at)}. Point at a chart to read a moment.`;
}

interface ChartCardProps {
  readonly spec: ChartSpec;
  readonly samples: readonly Sample[];
  readonly sample: Sample | undefined;
  readonly pointed: Signal<number | undefined>;
}

function ChartCard({ spec, samples, sample, pointed }: ChartCardProps): JSX.Element {
  const { title, hint, format, lines, beside } = spec;
  const field = spec.headline ?? lines[0]!.field;
  const value = sample?.[field] ?? null;
  const words = value === null ? undefined : format(value);
  const range = rangeOf(samples, field, format);
  return (
    <figure class="ops-chart panel">
      <figcaption>
        <span class="ops-title">
          <strong>{title}</strong>
          <small>{hint}</small>
        </span>
        <span class="ops-now">
          {words?.number ?? "–"}
          {words !== undefined && words.unit !== "" && <small>{words.unit}</small>}
        </span>
      </figcaption>
      <Plot spec={spec} samples={samples} pointed={pointed} summary={summarise(spec, samples)} />
      <ul class="ops-lines">
        {lines.map(({ field: of, label }, index) => (
          <li key={of}>
            <Swatch index={index} />
            {label}
            <b>{figure(sample?.[of], format)}</b>
          </li>
        ))}
        {beside !== undefined && (
          <li>
            {beside.label}
            <b>{figure(sample?.[beside.field], beside.format)}</b>
          </li>
        )}
      </ul>
      <p class="ops-range">{range}</p>
    </figure>
  );
}

function Swatch({ index }: { index: number }): JSX.Element {
  return (
    <svg class="ops-swatch" data-line={index} viewBox="0 0 16 4" aria-hidden="true">
      <line x1="0" y1="2" x2="16" y2="2" stroke-dasharray={dashes[index]!.join(" ")} />
    </svg>
  );
}

function rangeOf(samples: readonly Sample[], field: SampleField, format: Format): string {
  const values = samples.map((sample) => sample[field]).filter((value) => value !== null);
  if (values.length === 0) return "nothing measured yet";
  return `min ${figure(Math.min(...values), format)} · max ${figure(Math.max(...values), format)}`;
}

function figure(value: number | null | undefined, format: Format): string {
  return value === null || value === undefined ? "–" : inWords(format(value));
}

/** In a sentence: the figure of now and its range, then each line. */
function summarise({ lines, format, headline }: ChartSpec, samples: readonly Sample[]): string {
  const last = samples.at(-1);
  if (last === undefined) return "nothing measured yet";
  const field = headline ?? lines[0]!.field;
  const each = lines.map((line) => `${line.label} ${figure(last[line.field], format)}`).join(", ");
  return `${figure(last[field], format)} now; ${rangeOf(samples, field, format)}; ${each}`;
}
