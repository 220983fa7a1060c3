/**
 * What the connections of one endpoint share. Reading and writing need much to remember, but only in
 * the middle of something: a connection takes a reader when bytes come and a writer when it has
 * something to send, and leaves them for the next one between messages. So ten thousand idle
 * connections have none.
 */
import { DEFAULT_LIMITS, type Limits, WRITERS_KEPT_MAX } from "../limits.js";
import {
  type MessageConsumer,
  MessageReader,
  type MessageReaderOptions,
} from "../messages/message-reader.js";
import { MessageWriter, type MessageWriterOptions } from "../messages/message-writer.js";
import { assertTimings } from "./assert-timings.js";
import type { ConnectionOptions } from "./connection-options.js";
import { type KeepaliveSettings, resolveKeepalive } from "./keepalive.js";

/** By the options, which a connection with deflate has alone. */
const endpoints = new WeakMap<ConnectionOptions, Endpoint>();

/** @throws {TypeError | RangeError} as `assertTimings`. */
export function endpointOf(options: ConnectionOptions): Endpoint {
  let endpoint = endpoints.get(options);
  if (endpoint === undefined) {
    endpoint = new Endpoint(options);
    if (options.deflate === undefined) endpoints.set(options, endpoint);
  }
  return endpoint;
}

export class Endpoint {
  readonly options: ConnectionOptions;
  readonly limits: Limits;
  /** Whether frames are masked, so that no two connections send the same. */
  readonly masked: boolean;
  /** Undefined when keepalive is off. */
  readonly keepalive: KeepaliveSettings | undefined;
  /** What the connection which is doing something was told. */
  #told = 0;
  readonly #readerOptions: MessageReaderOptions;
  readonly #writerOptions: MessageWriterOptions;
  /** Reading is over when `receive` returns, so that one is enough for all connections. */
  #reader: MessageReader | undefined;
  /** Those of a turn's receivers, which all have something to write until its end. */
  readonly #writers: MessageWriter[] = [];

  constructor(options: ConnectionOptions) {
    assertTimings(options);
    const { role, platform, arena, deflate, textAsBytes, limits = DEFAULT_LIMITS } = options;
    const isServer = role === "server";
    this.options = options;
    this.limits = limits;
    this.masked = !isServer;
    this.keepalive = resolveKeepalive(options.keepalive);
    const inflater = deflate?.inflater;
    this.#readerOptions = { platform, limits, masked: isServer, inflater, textAsBytes };
    this.#writerOptions = { platform, arena, masked: this.masked, deflate };
  }

  /** The time; exact, where there is a clock to ask. */
  get now(): number {
    return this.options.clock?.() ?? this.#told;
  }
  set now(told: number) {
    this.#told = told;
  }

  takeReader(consumer: MessageConsumer): MessageReader {
    const reader = this.#reader;
    if (reader === undefined) return new MessageReader(this.#readerOptions, consumer);
    this.#reader = undefined;
    reader.begin(consumer);
    return reader;
  }

  /** A reader that is `atRest`. */
  keepReader(reader: MessageReader): void {
    reader.leave();
    this.#reader = reader;
  }

  takeWriter(): MessageWriter {
    return this.#writers.pop() ?? new MessageWriter(this.#writerOptions);
  }

  /** A writer that is `atRest`. */
  keepWriter(writer: MessageWriter): void {
    writer.output.framingBytes = 0;
    if (this.#writers.length < WRITERS_KEPT_MAX) this.#writers.push(writer);
  }
}
