// What `npm start` runs, once everything is built.
import { parseCommandLine } from "./command-line.js";
import { explainStartError } from "./start-error.js";
import { startServer } from "./start-server.js";
import { stopOnSignal } from "./stop-on-signal.js";
import { formatWelcome } from "./welcome.js";

const settings = parseCommandLine(process.argv.slice(2), process.env);
try {
  const server = await startServer(settings);
  stopOnSignal(server);
  console.log(formatWelcome(server, settings));
} catch (error) {
  console.error(explainStartError(error, settings));
  process.exitCode = 1;
}
