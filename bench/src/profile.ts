// `npm run bench:profile -- W1`: the Tidewire server under one workload with V8's sampling profiler,
// and in which layer the time went.

import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { chooseCores, type Launch } from "./child.js";
import { type Contender, isMemory, startHubContender, startServerContender } from "./contender.js";
import { hubRivals } from "./hub-rivals.js";
import { type CpuProfile, functionTimes, layerTimes } from "./profile/layers.js";
import { alignColumns } from "./report/table.js";
import { rivals } from "./rivals.js";
import { createTlsFiles } from "./tls-files.js";
import { chooseWorkloads } from "./workloads.js";

const WARM_UP_SECONDS = 1;
/** Layers below it are not shown. */
const SHARE_MIN = 0.005;

const command = new Command()
  .name("npm run bench:profile --")
  .description("Profiles the Tidewire server and says in which layer the time went.")
  .argument("[workload]", "such as W1", "W1")
  .option("--seconds <n>", "how long", Number, 5)
  .option("--of <name>", "another server on Node than ours")
  .showHelpAfterError()
  .parse();
const { seconds, of: against } = command.opts() as { seconds: number; of?: string };
if (!(seconds > 0 && seconds <= 600)) command.error("--seconds must be above 0, at most 600.");
const workload = chosenWorkload();
const folder = fileURLToPath(new URL("../profiles/", import.meta.url));

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const contender = await start();
try {
  if (workload.kind !== "restart") await contender.run(WARM_UP_SECONDS);
  const round = await contender.run(seconds);
  const total = round.userUs + round.systemUs;
  console.log(`${workload.id} ${workload.title}: ${total.toFixed(2)} µs per ${workload.unit}\n`);
} finally {
  await contender.stop();
}
print();

function chosenWorkload() {
  const name = String(command.processedArgs[0]);
  try {
    const found = chooseWorkloads([name])[0]!;
    if (found.kind !== "client" && !isMemory(found.kind)) return found;
    return command.error(`${found.id} is not about a server's CPU time.`);
  } catch (error) {
    return command.error((error as Error).message);
  }
}

function start(): Promise<Contender> {
  if ("contenders" in workload) {
    const name = against ?? workload.ours;
    const ours = hubRivals.find((rival) => rival.name === name);
    if (ours === undefined) return command.error(`No rival "${name}" with a hub.`);
    return startHubContender(profiled(ours), workload, chooseCores());
  }
  const tls = workload.tls ? createTlsFiles() : undefined;
  const ours = rivals.find(({ name }) => name === (against ?? "tidewire"));
  if (ours === undefined) return command.error(`No rival "${against}".`);
  return startServerContender(profiled(ours), workload, chooseCores(), tls);
}

interface Launching<Settings> {
  launch(settings: Settings): Omit<Launch, "core">;
}

function profiled<Settings, Some extends Launching<Settings>>(rival: Some): Some {
  return {
    ...rival,
    launch(settings: Settings) {
      const { arguments: list, ...rest } = rival.launch(settings);
      return { ...rest, arguments: ["--cpu-prof", `--cpu-prof-dir=${folder}`, ...list] };
    },
  };
}

function print(): void {
  const file = readdirSync(folder).find((name) => name.endsWith(".cpuprofile"));
  if (file === undefined) throw new Error(`The server wrote no profile into ${folder}.`);
  const profile = JSON.parse(readFileSync(folder + file, "utf8")) as CpuProfile;
  const layers = layerTimes(profile)
    .filter(({ share }) => share >= SHARE_MIN)
    .map(({ name, share }) => [name, percent(share)]);
  const functions = functionTimes(profile, 25).map(({ name, share }) => [name, percent(share)]);
  console.log(alignColumns([["layer", "share of busy time"], ...layers]).join("\n"));
  console.log(`\n${alignColumns([["function", "share"], ...functions]).join("\n")}`);
  console.log(`\n${folder}${file} opens in the DevTools of Chromium and in speedscope.`);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
