// The figures as files: CSV, and a picture with charts and table.
import type { LabSettings } from "../../../shared/lab/contract.js";
import {
  columns,
  describeSettings,
  formatCell,
  formatCsv,
  type LabRow,
} from "../../../shared/lab/lab-row.js";
import { saveFile } from "../../transfers/save-file.js";
import type { Canvases } from "./charts.js";
import type { Palette } from "./palette.js";
import { labWords } from "./words.js";

const width = 1_280;
const margin = 40;
const chartTop = 136;
const rowHeight = 34;
const half = (width - margin * 3) / 2;
const scale = 2;

export function saveCsv(settings: LabSettings, rows: readonly LabRow[]): void {
  saveFile(new Blob([formatCsv(settings, rows)], { type: "text/csv" }), "transport-lab.csv");
}

export async function savePicture(
  settings: LabSettings,
  rows: readonly LabRow[],
  canvases: Canvases,
  palette: Palette,
): Promise<void> {
  const canvas = document.createElement("canvas");
  const tableTop = chartTop + chartsHeight(canvases) + 44;
  const height = tableTop + rowHeight * rows.length + margin + 24;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("This browser cannot draw.");
  context.scale(scale, scale);
  context.fillStyle = palette.surface;
  context.fillRect(0, 0, width, height);
  const write = writer(context, palette);
  write("Tidewire transport lab", margin, 58, { size: 26, weight: 700 });
  const day = new Date().toISOString().slice(0, 10);
  write(`${describeSettings(settings)} · ${day}`, margin, 86, { size: 15, color: palette.faint });
  drawCharts(context, write, canvases);
  drawTable(context, write, rows, palette, tableTop);
  const note =
    "Bytes on the server's socket, headers included. CPU per message: headless, in a process of its own.";
  write(note, margin, height - 20, { size: 12, color: palette.faint });
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (blob === null) throw new Error("This browser cannot make a picture.");
  saveFile(blob, "transport-lab.png");
}

interface Style {
  readonly size?: number;
  readonly weight?: number;
  readonly color?: string;
  readonly align?: CanvasTextAlign;
}

type Writer = (text: string, x: number, y: number, style?: Style) => void;

function writer(context: CanvasRenderingContext2D, palette: Palette): Writer {
  return (text, x, y, { size = 14, weight = 400, color = palette.text, align = "left" } = {}) => {
    context.font = `${weight} ${size}px ${palette.font}`;
    context.fillStyle = color;
    context.textAlign = align;
    context.fillText(text, x, y);
  };
}

function chartsHeight({ latency, bytes }: Canvases): number {
  return half * Math.max(shapeOf(latency), shapeOf(bytes));
}

/** Height to width. */
function shapeOf(canvas: HTMLCanvasElement | undefined): number {
  return canvas === undefined || canvas.width === 0 ? 0 : canvas.height / canvas.width;
}

function drawCharts(context: CanvasRenderingContext2D, write: Writer, canvases: Canvases): void {
  for (const [at, [title, canvas]] of (
    [
      ["Latency distribution", canvases.latency],
      ["Bytes per second, both directions", canvases.bytes],
    ] as const
  ).entries()) {
    const x = margin + at * (half + margin);
    write(title, x, 124, { weight: 600 });
    if (canvas === undefined || canvas.width === 0) continue;
    context.drawImage(canvas, x, chartTop, half, half * shapeOf(canvas));
  }
}

function drawTable(
  context: CanvasRenderingContext2D,
  write: Writer,
  rows: readonly LabRow[],
  palette: Palette,
  top: number,
): void {
  const first = 210;
  const step = (width - margin * 2 - first) / columns.length;
  const right = (at: number) => margin + first + step * (at + 1);
  for (const [at, { title }] of columns.entries()) {
    write(title, right(at), top, { size: 12, weight: 600, color: palette.faint, align: "right" });
  }
  for (const [index, row] of rows.entries()) {
    const y = top + rowHeight * (index + 1);
    context.strokeStyle = palette.line;
    context.beginPath();
    context.moveTo(margin, y - rowHeight + 12);
    context.lineTo(width - margin, y - rowHeight + 12);
    context.stroke();
    context.fillStyle = palette.lines[row.transport];
    context.fillRect(margin, y - 9, 14, 6);
    write(labWords[row.transport].label, margin + 24, y, { weight: 600 });
    for (const [at, column] of columns.entries()) {
      write(formatCell(row, column), right(at), y, { size: 13, align: "right" });
    }
  }
}
