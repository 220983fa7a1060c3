/** permessage-deflate over `node:zlib` for one connection: the port of `ws-protocol`, filled. */
import { canCompress, type DeflateParameters, type DeflateSession } from "@tidewire/ws-protocol";
import { type DeflateBudget, sharedDeflateBudget } from "./deflate-budget.js";
import { type DeflateOptions, resolveDeflateOptions } from "./deflate-limits.js";
import { ZlibDeflater } from "./zlib-deflater.js";
import { ZlibInflater } from "./zlib-inflater.js";
import type { ZlibSettings } from "./zlib-state.js";

/** Makes the sessions of connections that have the same options. */
export class DeflateSessionFactory {
  readonly #options: Required<DeflateOptions>;
  readonly #budget: DeflateBudget;

  /**
   * @param budget shared by all connections that are given it; by default all of the process.
   * @throws {RangeError} when an option is out of its range.
   */
  constructor(options: DeflateOptions = {}, budget: DeflateBudget = sharedDeflateBudget()) {
    this.#options = resolveDeflateOptions(options);
    this.#budget = budget;
  }

  /** A session with what was agreed; it must be closed with its connection. */
  create(role: "server" | "client", parameters: DeflateParameters): DeflateSession {
    const { thresholdBytes, syncBytesMax, level, memLevel } = this.#options;
    const isServer = role === "server";
    const { serverMaxWindowBits, clientMaxWindowBits } = parameters;
    const { serverNoContextTakeover, clientNoContextTakeover } = parameters;
    const windowBits = isServer ? serverMaxWindowBits : clientMaxWindowBits;
    const peerWindowBits = isServer ? clientMaxWindowBits : serverMaxWindowBits;
    const deflate: ZlibSettings = { kind: "deflate", windowBits, level, memLevel };
    const inflate: ZlibSettings = { ...INFLATE, windowBits: peerWindowBits };
    const ours = isServer ? serverNoContextTakeover : clientNoContextTakeover;
    const theirs = isServer ? clientNoContextTakeover : serverNoContextTakeover;
    return {
      deflater: canCompress(role, parameters)
        ? new ZlibDeflater(
            { settings: deflate, contextTakeover: !ours, syncBytesMax },
            this.#budget,
          )
        : undefined,
      inflater: new ZlibInflater(
        { settings: inflate, contextTakeover: !theirs, syncBytesMax },
        this.#budget,
      ),
      windowBits,
      thresholdBytes,
    };
  }
}

/** zlib does not look at these when it inflates. */
const INFLATE = { kind: "inflate", level: 1, memLevel: 8 } as const;
