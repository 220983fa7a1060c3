/** Connections with recording listeners, and their output in a readable form. */
import { Arena } from "../../src/bytes/arena.js";
import { Connection } from "../../src/connection/connection.js";
import type { ConnectionOptions } from "../../src/connection/connection-options.js";
import { type Limits, resolveLimits } from "../../src/limits.js";
import { type ReadFrame, type Role, readFrames } from "./frames.js";
import { type CountingPlatform, createPlatform } from "./node-platform.js";
import { type Recorded, RecordingListener, toHex } from "./recorder.js";

export interface TestConnection {
  readonly connection: Connection;
  readonly listener: RecordingListener;
  readonly platform: CountingPlatform;
}

export type TestOptions = Partial<Omit<ConnectionOptions, "limits" | "platform">> & {
  readonly limits?: Partial<Limits>;
  readonly platform?: CountingPlatform;
  readonly streamed?: boolean;
};

export function createConnection(
  role: Role,
  { limits, platform = createPlatform(), streamed = false, ...options }: TestOptions = {},
  now = 0,
): TestConnection {
  const listener = new RecordingListener();
  const connection = new Connection(
    { role, platform, arena: new Arena(platform), limits: resolveLimits(limits), ...options },
    listener,
    now,
  );
  connection.streamed = streamed;
  return { connection, listener, platform };
}

/** Takes the output as one copy. */
export function takeBytes(connection: Connection): Uint8Array {
  const output = connection.takeOutput();
  if (output === undefined) return new Uint8Array(0);
  return new Uint8Array(Buffer.concat(Array.isArray(output) ? output : [output]));
}

export function takeFrames(connection: Connection): ReadFrame[] {
  return readFrames(takeBytes(connection));
}

const NAMES: Readonly<Record<number, string>> = {
  0: "continuation",
  1: "text",
  2: "binary",
  8: "close",
  9: "ping",
  10: "pong",
};

/** A frame as `close 1002: a reserved opcode`, `text "hi"`, `ping 0a0b`. */
export function describeFrame({ opcode, payload }: ReadFrame): string {
  const name = NAMES[opcode] ?? `opcode ${opcode}`;
  if (opcode === 8) {
    if (payload.length === 0) return name;
    const code = (payload[0]! << 8) | payload[1]!;
    const reason = Buffer.from(payload.subarray(2)).toString();
    return reason === "" ? `${name} ${code}` : `${name} ${code}: ${reason}`;
  }
  if (opcode === 1) return `${name} "${Buffer.from(payload).toString()}"`;
  return payload.length === 0 ? name : `${name} ${toHex(payload)}`;
}

/** Everything that shows from outside after a connection has read `chunks`. */
export interface Outcome {
  readonly events: readonly Recorded[];
  readonly sent: readonly string[];
  readonly state: string;
  readonly shouldEnd: boolean;
  readonly fault: string | undefined;
}

export function readChunks(role: Role, chunks: Uint8Array[], options: TestOptions = {}): Outcome {
  const { connection, listener } = createConnection(role, options);
  for (const chunk of chunks) connection.receive(chunk, 0);
  return {
    events: listener.events,
    sent: takeFrames(connection).map(describeFrame),
    state: connection.state,
    shouldEnd: connection.shouldEnd,
    fault: connection.fault?.code,
  };
}
