/**
 * The way to what lies under a `net.Socket`: libuv's stream, as Node wraps it. Node does not document
 * it, so nothing here is assumed. Before the first use a `net.Socket` of Node's own is given a stand-in
 * for such a stream, and we watch what it calls, with what, and what it makes of the answers. Where
 * anything differs from what `DirectChannel` does, there is no access.
 */
import { getSystemErrorMap } from "node:util";
import { HANDLE_METHODS, type StreamBinding, type StreamHandle } from "./stream-handle.js";
import { WatchedSocket } from "./watched-socket.js";

export interface DirectAccess extends StreamBinding {
  /** Under this a handle knows whose it is. */
  readonly owner: symbol;
  /** The "error" of a read at the end of the stream. */
  readonly endOfStream: number;
  /** Of TCP and of local sockets. */
  readonly handleClasses: readonly (abstract new () => StreamHandle)[];
}

let found: DirectAccess | undefined | null = null;

/** The access, if this runtime gives it; found out once, with one process warning if it does not. */
export function findDirectAccess(): DirectAccess | undefined {
  if (found !== null) return found;
  found = tryOut();
  if (found === undefined) {
    process.emitWarning(
      `directIo has no effect: this version of Node (${process.version}) does not let us under its sockets, or not in the way that we know. Sockets use streams, which is slower and otherwise the same.`,
      { type: "DirectIoWarning" },
    );
  }
  return found;
}

function tryOut(): DirectAccess | undefined {
  try {
    const streams = binding("stream_wrap") as unknown as StreamBinding;
    const endOfStream = errorNumberOf("EOF");
    const watched = new WatchedSocket(streams);
    const owner = watched.findOwnerSymbol();
    const works =
      owner !== undefined &&
      endOfStream !== undefined &&
      hasState(streams) &&
      watched.reads(endOfStream) &&
      watched.writes() &&
      new WatchedSocket(streams).ends();
    if (!works) return undefined;
    const handleClasses = [binding("tcp_wrap")["TCP"], binding("pipe_wrap")["Pipe"]];
    if (!handleClasses.every(isHandleClass)) return undefined;
    return { ...streams, owner, endOfStream, handleClasses };
  } catch {
    return undefined;
  }
}

/** Throws where the runtime has no such thing, or is told not to give it. */
function binding(name: string): Record<string, unknown> {
  const { binding } = process as unknown as {
    binding(this: NodeJS.Process, name: string): Record<string, unknown>;
  };
  return binding.call(process, name);
}

function errorNumberOf(name: string): number | undefined {
  for (const [number, [known]] of getSystemErrorMap()) if (known === name) return number;
  return undefined;
}

function hasState(streams: StreamBinding): boolean {
  const { streamBaseState, kReadBytesOrError, kLastWriteWasAsync } = streams;
  return (
    streamBaseState instanceof Int32Array &&
    streamBaseState[kReadBytesOrError] !== undefined &&
    streamBaseState[kLastWriteWasAsync] !== undefined &&
    kReadBytesOrError !== kLastWriteWasAsync
  );
}

function isHandleClass(given: unknown): given is abstract new () => StreamHandle {
  if (typeof given !== "function") return false;
  const prototype = given.prototype as Record<string, unknown>;
  return HANDLE_METHODS.every((name) => typeof prototype[name] === "function");
}
