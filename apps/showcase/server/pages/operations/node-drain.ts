// The drain of this node, of which there is one at the most: the hub knows no way back.
import type { Peer } from "@tidewire/hub";
import type { ShowcaseContract } from "../../../shared/contract.js";
import type { DrainProgress } from "../../../shared/operations/contract.js";
import type { ShowcaseHub } from "../../hub/create-hub.js";

export class NodeDrain {
  readonly #hub: ShowcaseHub;
  #begun: Omit<DrainProgress, "left"> | undefined;

  constructor(hub: ShowcaseHub) {
    this.#hub = hub;
  }

  /** Undefined before it is begun. */
  get progress(): DrainProgress | undefined {
    return this.#begun && { ...this.#begun, left: this.#hub.stats().linked };
  }

  /**
   * Resolves when no link is left.
   * @param last these are let go last: they watch it
   */
  begin(overMs: number, last: Iterable<Peer<ShowcaseContract>>): Promise<void> {
    this.#begun = { startedAt: Date.now(), overMs, total: this.#hub.stats().linked };
    return this.#hub.drain({ overMs, last: [...last] });
  }
}
