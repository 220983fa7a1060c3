// A client of a hub as the load plays it: no library, but the bytes that one would write, and an eye
// for what is an event or an answer and what is the protocol's own business.

/** Something to send, made once: its text, and the same as a masked WebSocket frame. */
export interface Message {
  readonly text: string;
  readonly frame: Buffer;
}

export interface Session {
  /** Called for each event and each answer; the bytes are only valid during the call. */
  onMessage: (bytes: Buffer, start: number, end: number) => void;
  /** Its connection ended, or the server said something that it must not. */
  onFailure: (error: Error) => void;
  /**
   * Opens a link. With `former` it goes on with the session that this object had before `cut`, and
   * answers whether the server had kept it.
   */
  open(former: boolean): Promise<boolean>;
  /** Names a session at the next `open` that the server does not know: it had another life. */
  forge(): void;
  send(message: Message): void;
  /** Breaks its connections without a word. */
  cut(): void;
}

/** What a session needs to connect. */
export interface Where {
  readonly port: number;
  readonly index: number;
}

/** What an event or an answer says. */
export interface Said {
  /** Undefined: the answer to the one request under way. */
  readonly name: string | undefined;
  readonly data: unknown;
}

/** How a protocol writes events and requests, and what the texts of `onMessage` mean. */
export interface Language {
  event(name: string, data: string): string;
  request(name: string, data: string): string;
  read(text: string): Said;
}

const WAIT_MS = 30_000;

/** A promise that something else settles; it gives up by itself, so that no load waits for ever. */
export class Wait<Value> {
  readonly promise: Promise<Value>;
  resolve!: (value: Value) => void;
  reject!: (error: Error) => void;

  constructor(what: string) {
    this.promise = new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${what} did not come.`)), WAIT_MS);
      this.resolve = (value) => {
        clearTimeout(timer);
        resolve(value);
      };
      this.reject = (error) => {
        clearTimeout(timer);
        reject(error);
      };
    });
    // Whoever is interested waits for it; a failure that nobody waits for is told by `onFailure`.
    this.promise.catch(() => {});
  }
}
