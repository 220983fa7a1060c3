// `npm run quiz:bots`: a game full of simulated players.
import { fileURLToPath } from "node:url";
import { type BotsOrder, parseCommandLine } from "./command-line.js";
import { OwnServer } from "./own-server.js";
import { play } from "./play.js";
import { Progress } from "./progress.js";
import { formatReport } from "./report.js";
import { serve, serveArgument } from "./serve.js";

const interrupted = 130;

if (process.argv[2] === serveArgument && process.send !== undefined) serve();
else process.exitCode = await run(parseCommandLine(process.argv.slice(2)));

async function run(order: BotsOrder): Promise<number> {
  const stop = new AbortController();
  const stopped = new Promise<number>((resolve) => {
    const onSignal = (): void => {
      stop.abort(new Error("stopped"));
      resolve(interrupted);
    };
    process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
  });
  const progress = new Progress(process.stderr);
  let server: OwnServer | undefined;
  const work = async (): Promise<number> => {
    server =
      order.url === undefined ? await OwnServer.start(fileURLToPath(import.meta.url)) : undefined;
    const url = order.url ?? server?.url;
    if (url === undefined) return 1;
    const report = await play(order, { url, server, progress, signal: stop.signal });
    console.log(order.isJson ? JSON.stringify(report) : formatReport(report));
    return report.problems.length === 0 ? 0 : 1;
  };
  const worked = work().catch((error: unknown) => {
    if (stop.signal.aborted) return interrupted;
    console.error(error instanceof Error ? error.message : String(error));
    return 1;
  });
  try {
    return await Promise.race([worked, stopped]);
  } finally {
    progress.end();
    if (stop.signal.aborted) console.error("Stopped.");
    await server?.stop();
    // What a cut game leaves behind shall not hold the process up.
    if (stop.signal.aborted) process.exit(interrupted);
  }
}
