// The links that are measured: a hub of their own beside the showcase's, which pushes or answers, and
// the runs that they belong to. Whoever knows a run's name may link.
import { randomBytes } from "node:crypto";
import type { Server } from "node:http";
import { Hub, type Peer, RefusedError } from "@tidewire/hub";
import { type Attached, attach } from "@tidewire/hub/node";
import {
  type LabSettings,
  type LabTransport,
  type LineCounts,
  type LinkContract,
  linkContract,
  type WireCounts,
} from "../../../shared/lab/contract.js";
import { fillerOf } from "../../../shared/lab/lab-link.js";
import { labPath, lineName } from "../../../shared/lab/lab-path.js";
import { linkHubLimits, linkTransportLimits } from "./limits.js";
import { type WireLine, WireMeter } from "./wire-meter.js";

type LinkPeer = Peer<LinkContract, Line>;

/** One transport of a run. */
interface Line {
  readonly transport: LabTransport;
  readonly settings: LabSettings;
  readonly text: string;
  readonly wire: WireLine;
  setup: WireCounts | undefined;
  messages: number;
  peer: LinkPeer | undefined;
  timer: NodeJS.Timeout | undefined;
}

export interface LabRun {
  /** 128 random bits: who knows it may link. */
  readonly name: string;
  counts(): LineCounts[];
  /** Pushes nothing more. */
  pause(): void;
  /** Ends its links. */
  close(): void;
}

export class LabLinks {
  readonly #meter = new WireMeter();
  readonly #lines = new Map<string, Line>();
  readonly #hub: Hub<LinkContract, Line>;
  #attached: Attached | undefined;

  constructor() {
    this.#hub = new Hub<LinkContract, Line>({
      contract: linkContract,
      limits: linkHubLimits,
      authenticate: ({ url }) => {
        const line = this.#lines.get(new URL(url).searchParams.get("line") ?? "");
        if (line === undefined) throw new RefusedError("This run of the lab is over.");
        return { data: line };
      },
    });
    this.#hub.on("begin", (peer) => begin(peer.data, peer));
    this.#hub.handle("echo", (peer, text) => {
      peer.data.messages += 1;
      return text;
    });
    this.#hub.on("disconnect", (peer) => {
      if (peer.data.peer === peer) rest(peer.data);
    });
  }

  /** How many clients there are, with those that have lost their link a moment ago. */
  get sessions(): number {
    return this.#hub.stats().sessions;
  }

  mount(server: Server): void {
    this.#attached = attach(this.#hub, server, {
      path: labPath,
      limits: linkTransportLimits,
    });
    this.#meter.watch(server);
  }

  open(settings: LabSettings, transports: readonly LabTransport[]): LabRun {
    const name = randomBytes(16).toString("hex");
    const text = fillerOf(settings.size);
    const lines = new Map<string, Line>();
    for (const transport of transports) {
      const key = lineName(name, transport);
      const line: Line = {
        transport,
        settings,
        text,
        wire: this.#meter.open(key),
        setup: undefined,
        messages: 0,
        peer: undefined,
        timer: undefined,
      };
      lines.set(key, line);
      this.#lines.set(key, line);
    }
    return {
      name,
      counts: () => [...lines.values()].map(countsOf),
      pause: () => {
        for (const line of lines.values()) clearInterval(line.timer);
      },
      close: () => {
        for (const [key, line] of lines) {
          this.#meter.close(key);
          this.#lines.delete(key);
          const { peer } = line;
          rest(line);
          if (peer?.isOver === false) peer.disconnect("the run is over");
        }
      },
    };
  }

  /** Lets the links go. What they hold open is left to whoever closes the server. */
  async close(): Promise<void> {
    for (const line of this.#lines.values()) rest(line);
    this.#attached?.close().catch(() => {});
    await this.#hub.close();
  }
}

/** The server's clock, ms. Of one machine, all processes have the same. */
export function serverNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** A client whose session was lost comes back as another peer: that one goes on. */
function begin(line: Line, peer: LinkPeer): void {
  const { settings, text } = line;
  rest(line);
  line.peer = peer;
  line.setup ??= line.wire.counts;
  if (settings.task !== "push") return;
  line.timer = setInterval(() => {
    line.messages += 1;
    peer.emit("push", { at: serverNow(), text });
  }, 1_000 / settings.rate);
}

function rest(line: Line): void {
  clearInterval(line.timer);
  line.timer = undefined;
  line.peer = undefined;
}

function countsOf({ transport, wire, setup, messages }: Line): LineCounts {
  const total = wire.counts;
  return { transport, total, setup: setup ?? total, messages };
}
