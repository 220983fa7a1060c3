// The lab's side of the showcase's hub: begins and ends runs, and tells their counts to whoever began
// them. The links that are measured are on a hub of their own.
import { FailureError, type Peer } from "@tidewire/hub";
import type { ShowcaseContract } from "../../../shared/contract.js";
import { figuresMs } from "../../../shared/lab/limits.js";
import type { PageServer, ShowcaseHub } from "../../hub/create-hub.js";
import { CpuDesk, type CpuWatcher } from "./cpu-desk.js";
import { LabLinks, type LabRun, serverNow } from "./lab-links.js";
import { runsMax } from "./limits.js";
import type { MeasureCpu } from "./measure-cpu.js";

/** The page lets its links go by itself; those that are still there after this are ended. */
const graceMs = 3_000;

interface OpenRun {
  readonly run: LabRun;
  readonly timer: NodeJS.Timeout;
}

export interface LabServer extends PageServer {
  readonly links: LabLinks;
}

export function registerLab(hub: ShowcaseHub, measure: MeasureCpu): LabServer {
  const links = new LabLinks();
  const cpu = new CpuDesk(measure);
  const runs = new Map<string, OpenRun>();
  const watchers = new Map<string, CpuWatcher>();
  const ending = new Map<LabRun, NodeJS.Timeout>();

  const end = (id: string): void => {
    const open = runs.get(id);
    if (open === undefined) return;
    runs.delete(id);
    clearInterval(open.timer);
    open.run.pause();
    const finish = (): void => {
      ending.delete(open.run);
      open.run.close();
    };
    ending.set(open.run, setTimeout(finish, graceMs));
  };
  const unwatch = (id: string): void => {
    const watcher = watchers.get(id);
    watchers.delete(id);
    if (watcher !== undefined) cpu.unwatch(watcher);
  };

  hub.handle("lab.open", (peer, { settings, transports }) => {
    end(peer.id);
    if (runs.size + ending.size >= runsMax) {
      throw new FailureError("busy", "Too many people are in the lab. Try again in a moment.");
    }
    const run = links.open(settings, [...new Set(transports)]);
    const timer = setInterval(() => peer.emitVolatile("lab.figures", run.counts()), figuresMs);
    runs.set(peer.id, { run, timer });
    return { run: run.name };
  });
  hub.on("lab.close", (peer) => {
    end(peer.id);
    unwatch(peer.id);
  });
  hub.handle("lab.clock", () => serverNow());
  hub.on("lab.measure", (peer: Peer<ShowcaseContract>, settings) => {
    unwatch(peer.id);
    const watcher: CpuWatcher = (figure) => peer.emit("lab.cpu", figure);
    watchers.set(peer.id, watcher);
    cpu.watch(settings, watcher);
  });
  hub.on("disconnect", ({ id }) => {
    end(id);
    unwatch(id);
  });
  return {
    links,
    mount: (server) => links.mount(server),
    close: async () => {
      for (const id of [...runs.keys()]) end(id);
      for (const timer of ending.values()) clearTimeout(timer);
      cpu.close();
      await links.close();
    },
  };
}
