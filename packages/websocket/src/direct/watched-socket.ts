/**
 * A `net.Socket` of Node's own over a stand-in for what it usually lies on, which writes down how it is
 * called. Each method tells whether one thing is done as we would do it.
 */
import { Socket as NetSocket } from "node:net";
import { HANDLE_METHODS, type StreamBinding, type StreamHandle } from "./stream-handle.js";

type Call = readonly [name: string, ...given: unknown[]];

export class WatchedSocket {
  readonly #streams: StreamBinding;
  readonly #calls: Call[] = [];
  readonly #handle: StreamHandle;
  readonly #buffer = new Uint8Array(16);
  readonly #received: number[] = [];
  readonly #socket: NetSocket;

  constructor(streams: StreamBinding) {
    this.#streams = streams;
    const answer =
      (name: string, status: number) =>
      (...given: unknown[]): number => {
        this.#calls.push([name, ...given]);
        return status;
      };
    const methods = HANDLE_METHODS.map((name) => [name, answer(name, name === "shutdown" ? 1 : 0)]);
    this.#handle = { ...Object.fromEntries(methods), setKeepAlive: answer("setKeepAlive", 0) };
    const options = {
      handle: this.#handle,
      allowHalfOpen: true,
      onread: { buffer: this.#buffer, callback: (count: number) => this.#received.push(count) > 0 },
    };
    this.#socket = new NetSocket(options);
    this.#socket.on("error", () => {});
  }

  findOwnerSymbol(): symbol | undefined {
    const handle = this.#handle as unknown as Record<symbol, unknown>;
    return Object.getOwnPropertySymbols(handle).find((symbol) => handle[symbol] === this.#socket);
  }

  /** Reads come through `onread`, whose result, and how much it was, is in the state. */
  reads(endOfStream: number): boolean {
    const begun = this.#took(["useUserBuffer", this.#buffer], ["readStart"]);
    this.#read(7);
    this.#socket.pause();
    const stopped = this.#took(["readStop"]);
    this.#socket.resume();
    const goesOn = this.#took(["readStart"]);
    this.#socket.setKeepAlive(true, 3000);
    const keepsAlive = this.#took(["setKeepAlive", true, 3]);
    const { _readableState: state } = this.#socket as unknown as {
      _readableState: { ended: boolean };
    };
    const wasOpen = state.ended === false;
    this.#read(endOfStream);
    const isRead = this.#received.length === 1 && this.#received[0] === 7;
    const hasEnded = wasOpen && state.ended === true;
    return begun && stopped && goesOn && keepsAlive && isRead && hasEnded;
  }

  /** A write is over when its call returns, unless the state says that it goes on. */
  writes(): boolean {
    const { streamBaseState, kLastWriteWasAsync, WriteWrap } = this.#streams;
    const [one, two, three] = [Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)];
    streamBaseState[kLastWriteWasAsync] = 0;
    this.#socket.write(one);
    const atOnce = this.#socket.writableLength === 0 && this.#tookWrite("writeBuffer", [one]);
    streamBaseState[kLastWriteWasAsync] = 1;
    this.#socket.cork();
    this.#socket.write(two);
    this.#socket.write(three);
    this.#socket.uncork();
    streamBaseState[kLastWriteWasAsync] = 0;
    const waited = this.#socket.writableLength === 2;
    const [name, request, chunks, allBuffers] = this.#calls.shift() ?? [];
    const isVector =
      name === "writev" &&
      request instanceof WriteWrap &&
      Array.isArray(chunks) &&
      chunks.length === 2 &&
      allBuffers === true;
    if (isVector) request.oncomplete?.(0);
    return atOnce && waited && isVector && this.#calls.length === 0;
  }

  /** Our side is shut down, and the handle closed, with what tells of the end. */
  ends(): boolean {
    this.#calls.length = 0;
    this.#socket.end();
    const [shutdown, request] = this.#calls.shift() ?? [];
    this.#socket.destroy();
    const [close, done] = this.#calls.shift() ?? [];
    return (
      shutdown === "shutdown" &&
      request instanceof this.#streams.ShutdownWrap &&
      close === "close" &&
      typeof done === "function" &&
      this.#calls.length === 0
    );
  }

  #read(result: number): void {
    this.#streams.streamBaseState[this.#streams.kReadBytesOrError] = result;
    this.#handle.onread?.();
  }

  #tookWrite(expected: string, given: readonly Uint8Array[]): boolean {
    const [name, request, ...rest] = this.#calls.shift() ?? [];
    return (
      name === expected &&
      request instanceof this.#streams.WriteWrap &&
      rest.length === given.length &&
      rest.every((value, index) => isSameBytes(value, given[index]!))
    );
  }

  /** Whether exactly these calls were made since the last question. */
  #took(...expected: Call[]): boolean {
    const calls = this.#calls.splice(0);
    return (
      calls.length === expected.length &&
      calls.every((call, index) => {
        // What is left open is undefined, as what is not given.
        const other = expected[index]!;
        return call.length >= other.length && call.every((value, at) => value === other[at]);
      })
    );
  }
}

/** Node makes a Buffer of whatever bytes it is given. */
function isSameBytes(value: unknown, bytes: Uint8Array): boolean {
  return value instanceof Uint8Array && value.buffer === bytes.buffer && value.length === 1;
}
