/**
 * Running zlib on the spot: Node's own `deflateRawSync` makes a new zlib state for every call, but
 * the state inside of a stream can be kept. Node does not document the way to it, so nothing here
 * is assumed: before the first use we watch how Node itself calls the state, and try every
 * behaviour that we rely on. Where anything differs, callers use the documented streams alone.
 */
import {
  constants,
  createDeflateRaw,
  createInflateRaw,
  type DeflateRaw,
  type InflateRaw,
} from "node:zlib";

const { Z_BLOCK, Z_SYNC_FLUSH } = constants;

/** What Node keeps inside of a zlib stream. */
export interface StreamInternals {
  /** The state of zlib itself; null once it is closed. */
  readonly _handle: ZlibHandle | null;
  /** After a write: the bytes of output room left, and the bytes of input left. */
  readonly _writeState: Uint32Array;
  /** Where asynchronous writes put their output. */
  _outBuffer: Buffer;
  _outOffset: number;
  _chunkSize: number;
}

export interface ZlibHandle {
  writeSync(
    flush: number,
    input: Uint8Array,
    inputOffset: number,
    inputLength: number,
    output: Uint8Array,
    outputOffset: number,
    outputLength: number,
  ): void;
}

type ZlibStream = (DeflateRaw | InflateRaw) & StreamInternals & ProcessesChunks;

interface ProcessesChunks {
  _processChunk(chunk: Uint8Array, flush: number): Uint8Array;
}

/** The smallest output buffer that a stream may have: what runs on the spot does not use it. */
export const SMALLEST_CHUNK_BYTES: number = constants.Z_MIN_CHUNK;

/**
 * Tells whether inflating has come to the end of a block: the tail of RFC 7692 §7.2.2 and one byte
 * more, which zlib must leave alone when told to stop at the end of the block (`Z_BLOCK`).
 */
export const TAIL_PROBE: Uint8Array = Uint8Array.of(0x00, 0x00, 0xff, 0xff, 0x00);

let found: boolean | undefined;

/** Whether this runtime lets us keep zlib's state and run it on the spot; found out once. */
export function hasSpotAccess(): boolean {
  found ??= tryOut();
  return found;
}

function tryOut(): boolean {
  const streams: ZlibStream[] = [];
  const open = (stream: DeflateRaw | InflateRaw): ZlibStream => {
    const opened = stream as ZlibStream;
    opened.on("error", () => {});
    streams.push(opened);
    return opened;
  };
  const options = { chunkSize: SMALLEST_CHUNK_BYTES };
  try {
    return (
      isCalledAsExpected(open(createDeflateRaw(options))) &&
      hasOutputBuffer(open(createDeflateRaw(options))) &&
      keepsHistory(open(createDeflateRaw(options)), open(createInflateRaw(options))) &&
      stopsAtBlocks(open(createInflateRaw(options))) &&
      reportsErrors(open(createInflateRaw(options)))
    );
  } catch {
    return false;
  } finally {
    for (const stream of streams) stream.close();
  }
}

/** A native function that is called in the wrong way may end the process: look before calling. */
function isCalledAsExpected(stream: ZlibStream): boolean {
  const handle = stream._handle;
  if (handle === null || typeof handle.writeSync !== "function") return false;
  const calls: unknown[][] = [];
  const { writeSync } = handle;
  handle.writeSync = (...given): void => {
    calls.push(given);
    writeSync.apply(handle, given);
  };
  const input = Buffer.from("watched");
  stream._processChunk(input, Z_SYNC_FLUSH);
  const [flush, data, dataOffset, dataLength, output, outputOffset, outputLength] = calls[0] ?? [];
  return (
    calls[0]?.length === 7 &&
    flush === Z_SYNC_FLUSH &&
    data === input &&
    dataOffset === 0 &&
    dataLength === input.length &&
    output instanceof Uint8Array &&
    outputOffset === 0 &&
    outputLength === SMALLEST_CHUNK_BYTES &&
    stream._writeState instanceof Uint32Array &&
    stream._writeState.length === 2
  );
}

function hasOutputBuffer(stream: ZlibStream): boolean {
  return (
    stream._outBuffer instanceof Uint8Array &&
    stream._outOffset === 0 &&
    stream._chunkSize === SMALLEST_CHUNK_BYTES
  );
}

/** The second message refers back to the first; after a reset none does. */
function keepsHistory(deflate: ZlibStream, inflate: ZlibStream): boolean {
  const text = Buffer.from("a text without repetition: 0123456789");
  const sizes: number[] = [];
  for (let turn = 0; turn < 4; turn++) {
    if (turn === 2) {
      deflate.reset();
      inflate.reset();
    }
    const compressed = run(deflate, Z_SYNC_FLUSH, text);
    sizes.push(compressed.length);
    if (!run(inflate, Z_SYNC_FLUSH, compressed).equals(text)) return false;
  }
  return sizes[1]! < sizes[0]! && sizes[2] === sizes[0] && sizes[3] === sizes[1];
}

function stopsAtBlocks(inflate: ZlibStream): boolean {
  // RFC 7692 §7.2.3.1: "Hello" in one block, then the first byte of an empty one.
  const hello = Buffer.from([0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]);
  if (run(inflate, Z_SYNC_FLUSH, hello).toString() !== "Hello") return false;
  run(inflate, Z_BLOCK, TAIL_PROBE);
  if (inflate._writeState[1] !== 1) return false;
  // §7.2.3.4, the same in a final block: what follows is left alone.
  run(inflate, Z_SYNC_FLUSH, Buffer.from([0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00]));
  return inflate._writeState[1] === 1;
}

function reportsErrors(inflate: ZlibStream): boolean {
  run(inflate, Z_SYNC_FLUSH, Buffer.from([0xff, 0xff]));
  return inflate.destroyed;
}

function run(stream: ZlibStream, flush: number, input: Uint8Array): Buffer {
  const output = Buffer.alloc(256);
  stream._handle!.writeSync(flush, input, 0, input.length, output, 0, output.length);
  return output.subarray(0, output.length - stream._writeState[0]!);
}
