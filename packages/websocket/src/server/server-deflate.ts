/** permessage-deflate as one server does it: negotiation, sessions, and messages for many. */
import {
  type DeflateAgreement,
  DeflateResponder,
  type DeflateSession,
  type Extension,
  type PreparedDeflate,
  type ServerDeflateConfig,
  WINDOW_BITS_MAX,
} from "@tidewire/ws-protocol";
import { compressOnce } from "../deflate/compress-once.js";
import { type DeflateBudget, sharedDeflateBudget } from "../deflate/deflate-budget.js";
import type { DeflateOptions } from "../deflate/deflate-limits.js";
import { DeflateSessionFactory } from "../deflate/deflate-session.js";

export interface ServerDeflateOptions extends ServerDeflateConfig, DeflateOptions {
  /** Default: one budget for the whole process. */
  readonly budget?: DeflateBudget | undefined;
}

export class ServerDeflate {
  readonly #responder: DeflateResponder;
  readonly #factory: DeflateSessionFactory;
  readonly #options: ServerDeflateOptions;
  readonly #budget: DeflateBudget;

  /** @throws {RangeError} when an option is out of its range. */
  constructor(options: ServerDeflateOptions) {
    this.#options = options;
    this.#budget = options.budget ?? sharedDeflateBudget();
    this.#responder = new DeflateResponder(options);
    this.#factory = new DeflateSessionFactory(options, this.#budget);
  }

  /** Refuses context takeover while too many windows are promised already. */
  agree(offers: readonly Extension[]): DeflateAgreement | undefined {
    const { clientMaxWindowBits = WINDOW_BITS_MAX } = this.#options;
    return this.#responder.agree(offers, this.#budget.canPromise(2 ** clientMaxWindowBits));
  }

  createSession({ parameters }: DeflateAgreement): DeflateSession {
    return this.#factory.create("server", parameters);
  }

  /** Undefined when the message is better sent as it is. */
  compress(data: string | Uint8Array): PreparedDeflate | undefined {
    const { serverMaxWindowBits } = this.#options;
    const window = serverMaxWindowBits === undefined ? {} : { windowBits: serverMaxWindowBits };
    return compressOnce(data, { ...this.#options, ...window }, this.#budget);
  }
}
