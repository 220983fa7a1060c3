// The server process of a measurement: the lab's hub and nothing else, so that its CPU time is that of
// one transport.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { LabLinks, type LabRun, serverNow } from "../server/pages/lab/lab-links.js";
import type { FromServer, Sample, ToServer } from "./messages.js";

/** Serves until the parent hangs up. */
export function serve(): void {
  const links = new LabLinks();
  const server = createServer((_, response) => response.writeHead(404).end());
  let run: LabRun | undefined;
  links.mount(server);
  process.on("message", (message: ToServer) => {
    if (message.type === "open") {
      run = links.open(message.settings, [message.transport]);
      tell({ type: "opened", run: run.name });
    } else {
      tell({ type: "sample", sample: take(run) });
    }
  });
  // Ctrl-C goes to the whole group: the parent decides.
  process.on("SIGINT", () => {});
  process.once("disconnect", () => process.exit(0));
  server.listen(0, "127.0.0.1", () =>
    tell({ type: "listening", port: (server.address() as AddressInfo).port }),
  );
}

function take(run: LabRun | undefined): Sample {
  const { user, system } = process.cpuUsage();
  return { atMs: serverNow(), cpuMicros: user + system, counts: run?.counts()[0] };
}

function tell(message: FromServer): void {
  process.send?.(message);
}
