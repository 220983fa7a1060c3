// The streams of a client's session: opened here in the order of all messages, or by the server.

import { type Fault, type Stream, type StreamPacket, Streams } from "@tidewire/session-protocol";
import { ClientError } from "./client-error.js";
import { ClientStream } from "./client-stream.js";
import type { Core } from "./core.js";
import type { Unsubscribe } from "./listeners.js";
import { validate } from "./validation.js";

export type StreamListener = (stream: ClientStream, data: unknown) => unknown;

export class StreamDesk {
  readonly #core: Core;
  readonly #handlers = new Map<string, StreamListener>();
  #streams: Streams;
  /** Ours whose `open` waits in the outbox. */
  readonly #unopened = new Set<ClientStream>();
  #ours = 0;

  constructor(core: Core) {
    this.#core = core;
    this.#streams = this.#begin();
  }

  open(name: string, data: unknown): ClientStream {
    const core = this.#core;
    core.checkOpen();
    if (core.schemas.isUnknown("streams", name)) throw unknownName(name);
    const valid = validate(core.schemas.find("streams", name, "data"), data, `"${name}"`);
    if (valid instanceof Promise) {
      valid.catch(() => {});
      throw new TypeError(`The schema of the stream "${name}" must not be asynchronous.`);
    }
    const stream = new ClientStream(name, this.#partsOf(name, "up", "down"), () => core.settle());
    // Its size stands for the packet's, which is made when its number is known.
    const entry = core.encode({ type: "open", stream: 1, name, credit: 1, ...given(data) });
    this.#unopened.add(stream);
    const hand = (): boolean => this.#hand(stream, name, data);
    const failed = ({ code, message }: ClientError): void => {
      this.#unopened.delete(stream);
      stream.handler.cancel(code, message);
    };
    const fate = { failed };
    const expiresAt = Number.POSITIVE_INFINITY;
    core.outbox.put({ entry, name, data, expiresAt, fate, hand });
    core.settle();
    return stream;
  }

  on(name: string, handler: StreamListener): Unsubscribe {
    if (this.#handlers.has(name)) throw new Error(`The stream "${name}" has a handler already.`);
    this.#handlers.set(name, handler);
    return () => {
      if (this.#handlers.get(name) === handler) this.#handlers.delete(name);
    };
  }

  receive(packet: StreamPacket): Fault | undefined {
    return this.#streams.receive(packet);
  }

  flush(): void {
    this.#streams.flush();
  }

  startAnew(): void {
    this.failAll("lost", "The session of this stream is over.");
    this.#streams = this.#begin();
  }

  /** Those whose `open` has not left yet are not harmed, but by the end of the client. */
  failAll(code: string, message: string): void {
    this.#streams.failAll(code, message);
  }

  #begin(): Streams {
    const { limits } = this.#core.session;
    this.#ours = 0;
    return new Streams({
      role: "client",
      streamsMax: limits.streams,
      itemsMax: limits.streamItems,
      send: (packet) => this.#core.send(packet),
      opened: (stream, data) => this.#opened(stream, data),
    });
  }

  #hand(stream: ClientStream, name: string, data: unknown): boolean {
    if (stream.isOver) {
      this.#unopened.delete(stream);
      return true;
    }
    const { streams: max } = this.#core.session.limits;
    const streams = this.#streams;
    if (this.#ours >= max) {
      this.#unopened.delete(stream);
      stream.handler.cancel("busy", `At most ${max} streams may be open at once.`);
      return true;
    }
    const opened = streams.open(name, data, stream.handler);
    if (opened === undefined) return false;
    this.#ours += 1;
    this.#unopened.delete(stream);
    stream.attach(opened);
    stream.onOver(() => {
      if (streams === this.#streams) this.#ours -= 1;
    });
    return true;
  }

  #opened(stream: Stream, raw: unknown): void {
    const { schemas } = this.#core;
    const { name } = stream;
    const handler = this.#handlers.get(name);
    if (handler === undefined || schemas.isUnknown("streams", name)) {
      stream.cancel("unknown-name", `Nobody takes the stream "${name}" here.`);
      return;
    }
    const ours = new ClientStream(name, this.#partsOf(name, "up", "down"), () =>
      this.#core.settle(),
    );
    stream.accept(ours.handler);
    ours.attach(stream);
    this.#give(handler, ours, raw);
  }

  async #give(handler: StreamListener, stream: ClientStream, raw: unknown): Promise<void> {
    try {
      const schema = this.#core.schemas.find("streams", stream.name, "data");
      await handler(stream, await validate(schema, raw, `"${stream.name}"`));
    } catch (error) {
      const isOurs = error instanceof ClientError;
      stream.cancel(isOurs ? error.code : "internal", isOurs ? error.message : "");
      if (!isOurs) this.#core.reportError(error);
    }
  }

  #partsOf(
    name: string,
    sent: "up" | "down",
    received: "up" | "down",
  ): ConstructorParameters<typeof ClientStream>[1] {
    const { schemas } = this.#core;
    return {
      sent: schemas.find("streams", name, sent),
      received: schemas.find("streams", name, received),
    };
  }
}

function given(data: unknown): { data?: unknown } {
  return data === undefined ? {} : { data };
}

function unknownName(name: string): ClientError {
  return new ClientError("unknown-name", `The contract has no stream "${name}".`);
}
