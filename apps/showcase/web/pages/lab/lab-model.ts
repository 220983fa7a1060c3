// The state of the lab: what is set, the run under way, and the figures as they come.
import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { connect } from "@tidewire/client";
import { ClockOffset } from "../../../shared/clock-offset.js";
import {
  type CpuFigure,
  type LabSettings,
  type LabTransport,
  type LineCounts,
  labTransports,
} from "../../../shared/lab/contract.js";
import { LabLink } from "../../../shared/lab/lab-link.js";
import { lineUrl } from "../../../shared/lab/lab-path.js";
import { type LabRow, makeRow } from "../../../shared/lab/lab-row.js";
import type { ShowcaseClient } from "../../session/session.js";
import { ByteRates } from "./byte-rates.js";

export type LabState = "idle" | "starting" | "running" | "stopped";

/** A row, and what the page shows besides. */
export interface LiveRow extends LabRow {
  /** Why there is no link; undefined while there is one. */
  readonly problem: string | undefined;
  readonly isLinked: boolean;
  /** Echoes that were not asked, because too many were under way. */
  readonly skipped: number;
  readonly cpuState: CpuFigure["state"] | undefined;
}

const firstQuestions = 20;
const clockMs = 2_000;
const drawMs = 500;
/** A slider on its way is not a wish yet. */
const restartMs = 400;

export const defaultSettings: LabSettings = {
  task: "push",
  rate: 10,
  size: 100,
  pollIntervalMs: 1_000,
};

export class LabModel {
  readonly settings: Signal<LabSettings> = signal(defaultSettings);
  readonly chosen: Signal<readonly LabTransport[]> = signal(labTransports);
  readonly #state = signal<LabState>("idle");
  readonly #problem = signal("");
  readonly #rows = signal<readonly LiveRow[]>([]);
  readonly #clockErrorMs = signal<number | undefined>(undefined);
  readonly #client: ShowcaseClient;
  readonly #clock = new ClockOffset();
  readonly #links = new Map<LabTransport, LabLink>();
  readonly #counts = new Map<LabTransport, LineCounts>();
  readonly #cpu = new Map<LabTransport, CpuFigure>();
  readonly #timers: ReturnType<typeof setInterval>[] = [];
  readonly #stops: (() => void)[] = [];
  readonly rates: ByteRates = new ByteRates();
  #restart: ReturnType<typeof setTimeout> | undefined;
  /** Counts the runs, so that an answer that comes late is known to be of an old one. */
  #run = 0;

  constructor(client: ShowcaseClient) {
    this.#client = client;
    this.#stops.push(
      client.on("lab.figures", (counts) => this.#counted(counts)),
      client.on("lab.cpu", (figure) => {
        if (sameSettings(figure.settings, this.settings.peek())) {
          this.#cpu.set(figure.transport, figure);
          this.#draw();
        }
      }),
      client.watch("linked", ({ answer, first }) => {
        if (answer === "resumed" || first || !this.isActive) return;
        this.stop();
        this.#problem.value = "The server was restarted, and the run with it. Start it again.";
      }),
    );
  }

  get state(): ReadonlySignal<LabState> {
    return this.#state;
  }

  /** Why it does not run; empty when nothing is wrong. */
  get problem(): ReadonlySignal<string> {
    return this.#problem;
  }

  get rows(): ReadonlySignal<readonly LiveRow[]> {
    return this.#rows;
  }

  /** The difference of the two clocks is known this well. */
  get clockErrorMs(): ReadonlySignal<number | undefined> {
    return this.#clockErrorMs;
  }

  get isActive(): boolean {
    const state = this.#state.peek();
    return state === "running" || state === "starting";
  }

  link(transport: LabTransport): LabLink | undefined {
    return this.#links.get(transport);
  }

  /** A run under way goes on with them, from zero. */
  change(settings: Partial<LabSettings>): void {
    this.settings.value = { ...this.settings.peek(), ...settings };
    this.#again();
  }

  choose(transport: LabTransport, isChosen: boolean): void {
    const chosen = new Set(this.chosen.peek());
    if (isChosen) chosen.add(transport);
    else chosen.delete(transport);
    this.chosen.value = labTransports.filter((name) => chosen.has(name));
    if (chosen.size === 0) this.stop();
    else this.#again();
  }

  async start(): Promise<void> {
    this.#end();
    this.#run += 1;
    const run = this.#run;
    const settings = this.settings.peek();
    const transports = this.chosen.peek();
    this.#forget();
    this.#problem.value = "";
    this.#state.value = "starting";
    try {
      for (let asked = 0; asked < firstQuestions; asked += 1) await this.#askClock();
      const { run: name } = await this.#client.request("lab.open", {
        settings,
        transports: [...transports],
      });
      if (run !== this.#run) return;
      this.#begin(name, settings, transports);
    } catch (error) {
      if (run !== this.#run) return;
      this.#state.value = "stopped";
      this.#problem.value = `The run did not begin: ${error instanceof Error ? error.message : error}`;
    }
  }

  /** The figures stay. */
  stop(): void {
    clearTimeout(this.#restart);
    if (!this.isActive) return;
    this.#run += 1;
    this.#draw();
    this.#end();
    if (this.#client.state !== "closed") this.#client.emit("lab.close");
    this.#state.value = "stopped";
    this.#draw();
  }

  /** The page is left. */
  close(): void {
    this.stop();
    for (const stop of this.#stops) stop();
  }

  #begin(name: string, settings: LabSettings, transports: readonly LabTransport[]): void {
    for (const transport of transports) {
      const link = new LabLink({
        url: lineUrl("", name, transport),
        transport,
        settings,
        connect,
        serverNow: () => {
          const { offsetMs } = this.#clock;
          return offsetMs === undefined ? undefined : performance.now() + offsetMs;
        },
      });
      this.#links.set(transport, link);
    }
    this.#state.value = "running";
    this.#client.emit("lab.measure", settings);
    this.#timers.push(
      setInterval(() => this.#draw(), drawMs),
      setInterval(() => this.#askClock().catch(() => {}), clockMs),
    );
    this.#draw();
  }

  #end(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    for (const link of this.#links.values()) link.stop();
  }

  #forget(): void {
    this.#links.clear();
    this.#counts.clear();
    this.#cpu.clear();
    this.rates.clear();
    this.#rows.value = [];
  }

  #again(): void {
    if (!this.isActive) return;
    clearTimeout(this.#restart);
    this.#restart = setTimeout(() => this.start(), restartMs);
  }

  async #askClock(): Promise<void> {
    const askedAt = performance.now();
    const serverAt = await this.#client.request("lab.clock");
    this.#clock.add(askedAt, serverAt, performance.now());
    this.#clockErrorMs.value = this.#clock.errorMs;
  }

  #counted(counts: readonly LineCounts[]): void {
    if (this.#state.peek() !== "running") return;
    for (const count of counts) this.#counts.set(count.transport, count);
    this.rates.add(performance.now(), counts);
  }

  #draw(): void {
    this.#rows.value = [...this.#links].map(([transport, link]) => this.#rowOf(transport, link));
  }

  #rowOf(transport: LabTransport, link: LabLink): LiveRow {
    const counts = this.#counts.get(transport);
    const cpu = this.#cpu.get(transport);
    const window = {
      up: counts ? counts.total.up - counts.setup.up : 0,
      down: counts ? counts.total.down - counts.setup.down : 0,
      messages: counts?.messages ?? 0,
    };
    const row = makeRow({
      transport,
      latency: link.latency,
      latencyErrorMs: this.settings.peek().task === "push" ? (this.#clock.errorMs ?? 0) : 0,
      total: counts?.total,
      setup: counts?.setup,
      window,
      cpuMicros: cpu?.micros,
    });
    const isLive = this.#state.peek() === "running";
    return {
      ...row,
      problem: isLive ? link.failure : undefined,
      isLinked: isLive && link.isConnected,
      skipped: link.skipped,
      cpuState: cpu?.state,
    };
  }
}

function sameSettings(one: LabSettings, other: LabSettings): boolean {
  return (
    one.task === other.task &&
    one.rate === other.rate &&
    one.size === other.size &&
    one.pollIntervalMs === other.pollIntervalMs
  );
}
