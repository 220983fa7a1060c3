/** The other end of a connection under test: what it frames, and what it gets. */
import type { Connection } from "../../src/connection/connection.js";
import {
  describeFrame,
  type Outcome,
  readChunks,
  type TestOptions,
  takeFrames,
} from "./connections.js";
import { decodeEveryWay } from "./cuts.js";
import { closeBody, frameTo, joined, type Role } from "./frames.js";

export interface Opposite {
  frame(parts: Parameters<typeof frameTo>[1]): Uint8Array;
  close(code: number, reason?: string): Uint8Array;
  /** The frames that the connection has to send, described. */
  sent(connection: Connection): string[];
  /** What becomes of the frames, however they are cut. */
  outcome(frames: Uint8Array[], options?: TestOptions): Outcome;
}

/** That of a connection whose role is `role`. */
export function oppositeOf(role: Role): Opposite {
  return {
    frame: (parts) => frameTo(role, parts),
    close: (code, reason = "") => frameTo(role, { opcode: 8, payload: closeBody(code, reason) }),
    sent: (connection) => takeFrames(connection).map(describeFrame),
    outcome: (frames, options = {}) =>
      decodeEveryWay(joined(...frames), (chunks) => readChunks(role, chunks, options)),
  };
}
