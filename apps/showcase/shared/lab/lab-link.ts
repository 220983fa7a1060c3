// One measured link: a client of its own that may use one transport only, does the task, and notes
// how long each message took.
import type { connect } from "@tidewire/client";
import {
  type LabSettings,
  type LabTransport,
  type LinkContract,
  linkContract,
} from "./contract.js";
import { LatencyHistogram } from "./latency-histogram.js";
import { inFlightMax } from "./limits.js";

export type LabClient = ReturnType<typeof connect<LinkContract>>;

export interface LabLinkOptions {
  readonly url: string;
  readonly transport: LabTransport;
  readonly settings: LabSettings;
  /** Of `@tidewire/client` or `@tidewire/client/node`. */
  readonly connect: typeof connect;
  /** The server's clock at this moment; undefined while it is not known. */
  readonly serverNow: () => number | undefined;
}

export class LabLink {
  readonly transport: LabTransport;
  readonly latency: LatencyHistogram = new LatencyHistogram();
  /** Echoes that were not sent, because too many were under way. */
  skipped = 0;
  readonly #client: LabClient;
  readonly #options: LabLinkOptions;
  readonly #text: string;
  #timer: ReturnType<typeof setInterval> | undefined;
  #inFlight = 0;

  constructor(options: LabLinkOptions) {
    const { url, transport, settings } = options;
    this.transport = transport;
    this.#options = options;
    this.#text = fillerOf(settings.size);
    this.#client = options.connect(url, {
      contract: linkContract,
      transports: [transport],
      // The same bytes on all of them: event streams know text only.
      codec: "json",
      pollIntervalMs: settings.pollIntervalMs,
      agent: "tidewire-lab",
      // Addresses of runs are not worth remembering.
      platform: { storage: undefined },
    });
    this.#client.on("push", ({ at }) => this.#arrived(at));
    // A resumed session goes on by itself; a new one has to be told.
    this.#client.watch("linked", ({ answer }) => {
      if (answer === "fresh") this.#begin();
    });
  }

  get isConnected(): boolean {
    return this.#client.state === "connected";
  }

  /** Why there is no link; undefined while there is one, or before the first attempt has failed. */
  get failure(): string | undefined {
    return this.isConnected ? undefined : this.#client.failure?.detail;
  }

  /** @throws {ClientError} when it is closed before there was a link */
  ready(): Promise<void> {
    return this.#client.ready();
  }

  /** Asks nothing more; the link stays. */
  pause(): void {
    clearInterval(this.#timer);
  }

  stop(): void {
    this.pause();
    this.#client.close();
  }

  #begin(): void {
    this.#client.emit("begin");
    if (this.#options.settings.task !== "echo") return;
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#ask(), 1_000 / this.#options.settings.rate);
  }

  #ask(): void {
    if (!this.isConnected) return;
    if (this.#inFlight >= inFlightMax) {
      this.skipped += 1;
      return;
    }
    this.#inFlight += 1;
    const askedAt = performance.now();
    this.#client
      .request("echo", this.#text)
      .then(
        () => this.latency.record(performance.now() - askedAt),
        () => {}, // Lost with its session, or the run is over.
      )
      .finally(() => {
        this.#inFlight -= 1;
      });
  }

  #arrived(sentAt: number): void {
    const now = this.#options.serverNow();
    if (now !== undefined) this.latency.record(Math.max(0, now - sentAt));
  }
}

/** Text as a message has it: letters, no two messages differ in length. */
export function fillerOf(size: number): string {
  return "The quick brown fox jumps over the lazy dog. "
    .repeat(Math.ceil(size / 45))
    .slice(0, size);
}
