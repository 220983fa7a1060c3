// The bytes that each connection writes again and again, and how its answers are told apart.

import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { createPayload, createRecords } from "../payload.js";
import { createFrame, headerBytes } from "./frame.js";
import type { DeflateMode } from "./job.js";

export interface Requests {
  /** What is sent first, in this order; its answers are checked. */
  readonly first: readonly Buffer[];
  /** What is sent from then on, round and round. */
  readonly again: readonly Buffer[];
  /** The payloads expected for `first`. */
  readonly expected: readonly Buffer[];
  /** Of one answer, when all have the same length. */
  readonly answerBytes: number | undefined;
}

/** Two turns over 64 KiB of JSON, so that the window (32 KiB) is the same at each turn's beginning. */
const RECORDS = 64;

export function createRequests(
  opcode: number,
  payloadBytes: number,
  burst: number,
  deflate: DeflateMode,
): Requests {
  if (deflate !== "off") return compressedRequests(payloadBytes, deflate);
  const payload = createPayload(payloadBytes);
  const frame = createFrame(payload, { opcode, masked: true });
  return {
    first: [frame],
    again: [Buffer.concat(Array.from({ length: burst }, () => frame))],
    expected: [payload],
    answerBytes: headerBytes(payloadBytes) + payloadBytes,
  };
}

/** What is sent round and round where every message is compressed by itself. */
export function compressedRecords(payloadBytes: number): Buffer[] {
  return createRecords(RECORDS, payloadBytes).map(compressAlone);
}

function compressedRequests(payloadBytes: number, deflate: DeflateMode): Requests {
  const records = createRecords(RECORDS, payloadBytes);
  const twice = [...records, ...records];
  const parts = deflate === "context" ? compressInContext(twice) : twice.map(compressAlone);
  const frames = parts.map((part) =>
    createFrame(part, { opcode: 1, masked: true, compressed: true }),
  );
  return {
    first: frames.slice(0, RECORDS),
    again: frames.slice(RECORDS),
    expected: records,
    answerBytes: undefined,
  };
}

/** RFC 7692 §7.2.1: an empty block ends each message and its last four bytes are left out. */
function compressAlone(record: Buffer): Buffer {
  return flushed(record, undefined);
}

/** zlib continues from a dictionary as from a window, so each message is made from what is before it. */
function compressInContext(records: readonly Buffer[]): Buffer[] {
  let before = Buffer.alloc(0);
  return records.map((record) => {
    const part = flushed(record, before.length === 0 ? undefined : before);
    before = Buffer.concat([before, record]).subarray(-32 * 1024);
    return part;
  });
}

function flushed(record: Buffer, dictionary: Buffer | undefined): Buffer {
  const finishFlush = constants.Z_SYNC_FLUSH;
  const bytes = deflateRawSync(record, { finishFlush, ...(dictionary && { dictionary }) });
  return bytes.subarray(0, -4);
}

/** What a server's messages say, compressed in a context or not. */
export class AnswerReader {
  readonly #context: boolean;
  #before: Buffer = Buffer.alloc(0);

  constructor(context: boolean) {
    this.#context = context;
  }

  read(first: number, payload: Buffer): Buffer {
    const text = (first & 0x40) === 0 ? Buffer.from(payload) : this.#inflate(payload);
    // RFC 7692 §7.2.3.2: only compressed messages enter the window.
    if (this.#context && (first & 0x40) !== 0) {
      this.#before = Buffer.concat([this.#before, text]).subarray(-32 * 1024);
    }
    return text;
  }

  #inflate(payload: Buffer): Buffer {
    const tail = Buffer.from([0, 0, 0xff, 0xff]);
    return inflateRawSync(Buffer.concat([payload, tail]), {
      finishFlush: constants.Z_SYNC_FLUSH,
      ...(this.#before.length > 0 && { dictionary: this.#before }),
    });
  }
}
