/** Message readers with recording consumers. */
import { expect } from "vitest";
import type { MessageInflater } from "../../src/deflate/deflate-port.js";
import { type Limits, resolveLimits } from "../../src/limits.js";
import { MessageReader } from "../../src/messages/message-reader.js";
import { decodeEveryWay } from "./cuts.js";
import { joined, type Role } from "./frames.js";
import { type CountingPlatform, createPlatform } from "./node-platform.js";
import { type Recorded, RecordingConsumer } from "./recorder.js";

export interface ReaderOptions {
  readonly limits?: Partial<Limits>;
  readonly streamed?: boolean;
  readonly textAsBytes?: boolean;
  readonly inflater?: (() => MessageInflater) | undefined;
  readonly platform?: CountingPlatform;
}

export interface TestReader {
  readonly reader: MessageReader;
  readonly consumer: RecordingConsumer;
  readonly platform: CountingPlatform;
}

export function createReader(role: Role, options: ReaderOptions = {}): TestReader {
  const platform = options.platform ?? createPlatform();
  const consumer = new RecordingConsumer();
  const reader = new MessageReader(
    {
      platform,
      limits: resolveLimits(options.limits),
      masked: role === "server",
      inflater: options.inflater?.(),
      textAsBytes: options.textAsBytes,
    },
    consumer,
  );
  reader.streamed = options.streamed ?? false;
  return { reader, consumer, platform };
}

/**
 * Reads frames as a whole, byte by byte and at random cuts, from memory that is given and from memory
 * that is lent, and returns what was reported.
 */
export function readEveryWay(
  role: Role,
  frames: readonly Uint8Array[],
  options: ReaderOptions = {},
): Recorded[] {
  return decodeEveryWay(joined(...frames), (chunks) => {
    const copies = chunks.map((chunk) => chunk.slice());
    const given = read(role, chunks, options, false);
    expect(read(role, copies, options, true), "from memory that is lent").toEqual(given);
    return given;
  });
}

function read(
  role: Role,
  chunks: readonly Uint8Array[],
  options: ReaderOptions,
  lent: boolean,
): Recorded[] {
  const { reader, consumer } = createReader(role, options);
  for (const chunk of chunks) {
    reader.receive(chunk, lent);
    if (lent) chunk.fill(0xaa);
  }
  // How much of a broken message was streamed before its fault depends on the cuts.
  return consumer.events.filter((event) => event.type !== "streamed" || event.ended);
}

/** What a fault of this code is recorded as. */
export function faultEvent(code: string, closeCode: number): Recorded {
  return { type: "fault", code, closeCode };
}
