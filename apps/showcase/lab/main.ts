// `npm run lab`: the lab's comparison without a browser.
import { fileURLToPath } from "node:url";
import { formatCsv, type LabRow } from "../shared/lab/lab-row.js";
import { type LabOrder, parseCommandLine } from "./command-line.js";
import { explanation, formatTable } from "./format-table.js";
import { measure, overheadMs } from "./measure.js";
import { Progress } from "./progress.js";
import { serve } from "./serve.js";
import { serveArgument } from "./server-process.js";

const program = fileURLToPath(import.meta.url);
const interrupted = 130;

if (process.argv[2] === serveArgument && process.send !== undefined) serve();
else process.exitCode = await run(parseCommandLine(process.argv.slice(2)));

async function run(order: LabOrder): Promise<number> {
  const { settings, transports, seconds, output, isQuiet } = order;
  const stop = new AbortController();
  const onSignal = (): void => stop.abort(new Error("stopped"));
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
  const steps = settings.length * transports.length;
  const stepMs = seconds * 1_000 + overheadMs;
  const progress = new Progress(isQuiet ? undefined : process.stderr, steps, stepMs);
  let code = 0;
  for (const [index, one] of settings.entries()) {
    const rows: LabRow[] = [];
    for (const transport of transports) {
      if (stop.signal.aborted) break;
      progress.begin(one.task, transport);
      try {
        const row = await measure(program, one, transport, seconds * 1_000, stop.signal);
        rows.push(row);
        progress.end();
        if (output === "json") console.log(formatJson(one, row));
      } catch (error) {
        progress.clear();
        if (stop.signal.aborted) break;
        console.error(
          `${one.task} over ${transport}: ${error instanceof Error ? error.message : error}`,
        );
        code = 1;
      }
    }
    if (rows.length === 0) continue;
    if (output === "table") console.log(formatTable(one, rows));
    if (output === "csv") process.stdout.write(withoutHead(formatCsv(one, rows), index > 0));
  }
  if (output === "table" && !stop.signal.aborted) console.log(explanation);
  if (stop.signal.aborted) {
    if (!isQuiet) console.error("Stopped.");
    return interrupted;
  }
  return code;
}

/** Undefined becomes null, so that every line has every name. */
function formatJson(settings: object, row: LabRow): string {
  return JSON.stringify({ ...settings, ...row }, (_, value: unknown) => value ?? null);
}

function withoutHead(csv: string, isWithout: boolean): string {
  return isWithout ? csv.slice(csv.indexOf("\r\n") + 2) : csv;
}
