// The streams of a client's session as they run: what stream-desk.ts starts when it is loaded.

import { type Stream, type StreamPacket, Streams } from "@tidewire/session-protocol";
import { ClientError } from "./client-error.js";
import { ClientStream } from "./client-stream.js";
import type { Core } from "./core.js";
import type { StreamListener } from "./stream-desk.js";

export class StreamFlow {
  readonly #core: Core;
  readonly #handlers: ReadonlyMap<string, StreamListener>;
  #streams: Streams;
  /** Opened here; those that are over are removed when it matters. */
  #ours = new Set<Stream>();

  constructor(core: Core, handlers: ReadonlyMap<string, StreamListener>) {
    this.#core = core;
    this.#handlers = handlers;
    this.#streams = this.#begin();
  }

  /** Opens `stream`, or fails it; false when the log is full. */
  open(stream: ClientStream, data: unknown): boolean {
    if (stream.isOver) return true;
    const { streams: max } = this.#core.session.limits;
    if (this.#ours.size >= max) this.#ours = new Set([...this.#ours].filter((one) => !one.isOver));
    if (this.#ours.size >= max) {
      stream.handler.cancel("busy", `At most ${max} streams may be open at once.`);
      return true;
    }
    const opened = this.#streams.open(stream.name, data, stream.handler);
    if (opened === undefined) return false;
    this.#ours.add(opened);
    stream.attach(opened);
    return true;
  }

  receive(packet: StreamPacket): void {
    const fault = this.#streams.receive(packet);
    if (fault !== undefined) this.#core.fail(fault);
  }

  flush(): void {
    this.#streams.flush();
  }

  failAll(code: string, message: string): void {
    this.#streams.failAll(code, message);
  }

  startAnew(): void {
    this.failAll("lost", "The session of this stream is over.");
    this.#streams = this.#begin();
    this.#ours.clear();
  }

  #begin(): Streams {
    const { limits } = this.#core.session;
    return new Streams({
      role: "client",
      streamsMax: limits.streams,
      itemsMax: limits.streamItems,
      send: (packet) => this.#send(packet),
      opened: (stream, data) => this.#opened(stream, data),
    });
  }

  /** Past the outbox, as belongs to what the session knows already. False: the log is full. */
  #send(packet: StreamPacket): boolean {
    const core = this.#core;
    return core.session.send(core.encode(packet), core.alarms.now()) >= 0;
  }

  #opened(stream: Stream, raw: unknown): void {
    const { name } = stream;
    const handler = this.#handlers.get(name);
    if (handler === undefined || this.#core.schemas.isUnknown("streams", name)) {
      stream.cancel("unknown-name", `Nobody takes the stream "${name}" here.`);
      return;
    }
    const ours = new ClientStream(name, this.#core, true);
    stream.accept(ours.handler);
    ours.attach(stream);
    this.#give(handler, ours, raw);
  }

  /** The handler's end is the stream's: with its answer as a last word, or with what it threw. */
  async #give(handler: StreamListener, stream: ClientStream, raw: unknown): Promise<void> {
    try {
      const { schemas } = this.#core;
      stream.end(
        await handler(stream, await schemas.validate("streams", stream.name, "data", raw)),
      );
      // What was not read to its end would hold the stream open.
      stream.cancel("aborted", "no longer read");
    } catch (error) {
      const isOurs = error instanceof ClientError;
      stream.cancel(isOurs ? error.code : "internal", isOurs ? error.message : "");
      if (!isOurs) this.#core.reportError(error);
    }
  }
}
