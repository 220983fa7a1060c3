// The load process: one per server under test, on another core, told by the lab what to do.

import { ChurnDriver } from "./churn-driver.js";
import { type Driver, measure } from "./driver.js";
import { EchoDriver } from "./echo-driver.js";
import { FanoutDriver } from "./fanout-driver.js";
import { HubEchoDriver } from "./hub-echo-driver.js";
import { HubMemoryDriver } from "./hub-memory-driver.js";
import { HubRoomDriver } from "./hub-room-driver.js";
import type { LoadAnswer, LoadCommand, LoadJob } from "./job.js";
import { MemoryDriver } from "./memory-driver.js";
import { RestartDriver } from "./restart-driver.js";
import { StormDriver } from "./storm-driver.js";

let driver: Driver | undefined;
let serverPid = 0;

process.on("message", (command: LoadCommand) => {
  obey(command).then(answer, (error: unknown) => {
    answer({ type: "failed", message: error instanceof Error ? error.message : String(error) });
  });
});
process.on("disconnect", () => process.exit(0));

function answer(message: LoadAnswer): void {
  process.send?.(message);
}

async function obey(command: LoadCommand): Promise<LoadAnswer> {
  if (command.type === "prepare") {
    driver = createDriver(command.job);
    serverPid = command.job.serverPid;
    await driver.prepare();
    return { type: "ready" };
  }
  if (driver === undefined) throw new Error("Nothing is prepared.");
  return { type: "measured", measured: await measure(driver, command.seconds, serverPid) };
}

function createDriver(job: LoadJob): Driver {
  switch (job.kind) {
    case "echo":
      return new EchoDriver(job);
    case "fanout":
      return new FanoutDriver(job);
    case "churn":
      return new ChurnDriver(job);
    case "memory":
      return new MemoryDriver(job);
    case "hub-echo":
    case "hub-ask":
      return new HubEchoDriver(job);
    case "hub-room":
      return new HubRoomDriver(job);
    case "hub-memory":
      return new HubMemoryDriver(job);
    case "storm":
      return new StormDriver(job);
    case "restart":
      return new RestartDriver(job);
  }
}
