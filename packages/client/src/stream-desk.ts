// The streams of a client: opened here in the order of all messages, or by the server.
//
// Theory. Most pages never have a stream, so what runs them is loaded at the first one. Nothing waits
// for that but streams: one of ours stands in the outbox, which keeps its place among the messages
// behind it, and packets of the server's wait in `#owed`, in their order.

import { CloseCode, fault, type StreamPacket } from "@tidewire/session-protocol";
import { ClientStream } from "./client-stream.js";
import type { Core } from "./core.js";
import { loadMs, owedMax } from "./limits.js";
import { handleOnly, type Unsubscribe } from "./listeners.js";
import { later, loadLater } from "./load-later.js";
import type { StreamFlow } from "./stream-flow.js";

export type StreamListener = (stream: ClientStream, data: unknown) => unknown;

export class StreamDesk {
  readonly #core: Core;
  readonly #handlers = new Map<string, StreamListener>();
  #flow: StreamFlow | undefined;
  /** What the flow has to be told once it is here. */
  #owed: ((flow: StreamFlow) => void)[] = [];
  #isLoading = false;
  #isMissing = false;

  constructor(core: Core) {
    this.#core = core;
  }

  open(name: string, data: unknown): ClientStream {
    const core = this.#core;
    core.checkOpen();
    core.schemas.check("streams", name);
    const valid = core.schemas.validate("streams", name, "data", data);
    if (valid instanceof Promise) {
      valid.catch(() => {});
      throw new TypeError(`The schema of the stream "${name}" must not be asynchronous.`);
    }
    const stream = new ClientStream(name, core);
    // Its size stands for the packet's, which is made when its number is known.
    const entry = core.encode({ type: "open", stream: 1, name, credit: 1, data });
    core.outbox.put({
      entry,
      name,
      data,
      expiresAt: Number.POSITIVE_INFINITY,
      fate: { failed: ({ code, message }) => stream.handler.cancel(code, message) },
      hand: () => this.#hand(stream, data),
    });
    core.settle();
    return stream;
  }

  on(name: string, handler: StreamListener): Unsubscribe {
    return handleOnly(this.#handlers, name, handler);
  }

  receive(packet: StreamPacket): void {
    this.#tell((flow) => flow.receive(packet));
  }

  /** The log has room, or there is a new link. */
  flush(): void {
    if (this.#owed.length > 0) this.#ready();
    this.#flow?.flush();
  }

  /** The session is another one. */
  startAnew(): void {
    this.#owed = [];
    this.#flow?.startAnew();
  }

  /** Those whose `open` has not left yet are not harmed, but by the end of the client. */
  failAll(code: string, message: string): void {
    if (this.#flow !== undefined || this.#owed.length > 0) {
      this.#tell((flow) => flow.failAll(code, message));
    }
  }

  #tell(word: (flow: StreamFlow) => void): void {
    const flow = this.#ready();
    if (flow !== undefined) word(flow);
    else if (this.#owed.length < owedMax) this.#owed.push(word);
    else
      this.#core.fail(fault("too-large", "8.3", "streams are not loaded yet", CloseCode.tooLarge));
  }

  #hand(stream: ClientStream, data: unknown): boolean {
    const flow = this.#ready();
    if (flow !== undefined) return flow.open(stream, data);
    // It must not hold up the messages behind it for good.
    if (this.#isMissing) stream.handler.cancel("unavailable", "Streams could not be loaded.");
    return stream.isOver;
  }

  /** The flow, or it is being loaded. */
  #ready(): StreamFlow | undefined {
    if (this.#flow !== undefined) return this.#flow;
    const module = later();
    if (module === undefined) this.#load();
    else {
      const flow = new module.StreamFlow(this.#core, this.#handlers);
      this.#flow = flow;
      for (const word of this.#owed.splice(0)) word(flow);
    }
    return this.#flow;
  }

  #load(): void {
    const { alarms, isClosed } = this.#core;
    if (this.#isLoading || this.#isMissing || isClosed) return;
    this.#isLoading = true;
    alarms.within(loadMs, loadLater(), "Loading").then(
      () => this.#loaded(false),
      () => this.#loaded(true),
    );
  }

  /** When it did not come, streams that could leave now fail; others, and the server's, try again. */
  #loaded(isMissing: boolean): void {
    this.#isLoading = false;
    this.#isMissing = isMissing;
    if (!this.#core.isClosed) this.flush();
    this.#core.settle();
    this.#isMissing = false;
  }
}
