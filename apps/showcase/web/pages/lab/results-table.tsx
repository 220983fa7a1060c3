// The figures of all transports, one beside the other.
import type { JSX } from "preact";
import { columns, formatCell } from "../../../shared/lab/lab-row.js";
import type { LabModel, LiveRow } from "./lab-model.js";
import { Swatch } from "./swatch.js";
import { labWords } from "./words.js";

const cpuWords = { measuring: "measuring…", failed: "failed", done: "" } as const;

export function ResultsTable({ model }: { model: LabModel }): JSX.Element {
  const rows = model.rows.value;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within the keyboard's reach.
    <section class="results panel" aria-label="Figures" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col" rowSpan={2}>
              Transport
            </th>
            <th scope="col" rowSpan={2}>
              Messages
            </th>
            <th scope="colgroup" colSpan={3}>
              Latency
            </th>
            <th scope="colgroup" colSpan={2}>
              Bytes per message
            </th>
            <th scope="colgroup" colSpan={3}>
              Bytes in all
            </th>
            <th scope="col" rowSpan={2}>
              Requests
            </th>
            <th scope="col" rowSpan={2}>
              Server CPU
              <br />
              per message
            </th>
          </tr>
          <tr>
            {["p50", "p99", "max", "down", "up", "down", "up", "setup"].map((title, at) => (
              <th key={`${title}${at}`} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.length === 0 ? (
            <tr>
              <td class="nothing" colSpan={columns.length + 1}>
                Press Start: every transport gets a connection of its own, and does the same task.
              </td>
            </tr>
          ) : (
            rows.map((row) => <Row key={row.transport} row={row} rows={rows} />)
          )}
        </tbody>
      </table>
    </section>
  );
}

function Row({ row, rows }: { row: LiveRow; rows: readonly LiveRow[] }): JSX.Element {
  const { transport, cpuState, problem } = row;
  return (
    <tr>
      <th scope="row">
        <span class="name">
          <Swatch transport={transport} />
          {labWords[transport].label}
        </span>
        {problem !== undefined && <small>{problem}</small>}
        {row.skipped > 0 && <small>cannot keep up: {row.skipped} not asked</small>}
      </th>
      {columns.map((column) => {
        const words = column.key === "cpuMicros" && cpuState ? cpuWords[cpuState] : "";
        return (
          <td key={column.key} data-best={isBest(row, rows, column.key)}>
            {words || formatCell(row, column)}
          </td>
        );
      })}
    </tr>
  );
}

/** Where less is better: the least, once all are known. */
function isBest(row: LiveRow, rows: readonly LiveRow[], key: keyof LiveRow): true | undefined {
  if (key === "messages" || rows.length < 2) return undefined;
  const values = rows.map((other) => other[key]).filter((value) => typeof value === "number");
  return values.length === rows.length && row[key] === Math.min(...values) ? true : undefined;
}
