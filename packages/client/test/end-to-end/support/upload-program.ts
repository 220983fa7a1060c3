// A client in a process of its own, which uploads a file from the disk.

import { openAsBlob } from "node:fs";
import { connect, type Progress, type TransportName } from "@tidewire/client/node";
import { MemoryWatch } from "./memory-watch.js";
import type { UploaderReport } from "./orders.js";

const { url, file, sha256, transports } = JSON.parse(process.argv[2]!) as {
  url: string;
  file: string;
  sha256: string;
  transports: readonly TransportName[];
};
const report = (what: UploaderReport): void => void process.send!(what);
process.on("disconnect", () => process.exit());

const client = connect(url, { transports, platform: { random: () => 0.05 } });
client.watch("linked", ({ answer }) => report({ type: "linked", answer }));
await client.ready();
const blob = await openAsBlob(file);
const watch = new MemoryWatch();
const progress: Progress[] = [];
const answer = await client.upload("file", blob, {
  sha256,
  onProgress: (step) => progress.push(step),
});
report({ type: "done", answer, progress, memory: watch.memory });
client.close();
