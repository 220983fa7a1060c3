// The figures as a table for a terminal.
import type { LabSettings } from "../shared/lab/contract.js";
import { columns, describeSettings, formatCell, type LabRow } from "../shared/lab/lab-row.js";

export function formatTable(settings: LabSettings, rows: readonly LabRow[]): string {
  const table = [
    ["", ...columns.map(({ title }) => title)],
    ...rows.map((row) => [row.transport, ...columns.map((column) => formatCell(row, column))]),
  ];
  const widths = table[0]!.map((_, at) => Math.max(...table.map((line) => line[at]!.length)));
  const lines = table.map((line) =>
    line
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)))
      .join("  "),
  );
  return [`${describeSettings(settings)}`, "", ...lines, ""].join("\n");
}

/** What the words above the columns mean. */
export const explanation: string = `Latency: from the server's push to the client, or from question to answer. Bytes: on the server's
socket, headers included, without TCP and IP; per message without what came before the first one
("Setup", both directions). CPU: time of the server process, without what it takes when idle.
`;
