/**
 * What a test and the process under attack say to each other. The programs of the positive controls
 * in `scripts/positive-controls` speak the same, so that the same tests can be run against them.
 */
import type { DeflateOptions } from "../../../src/deflate/deflate-limits.js";

/** What a test may ask of the process under attack; the rest is as it is by default. */
export interface SubjectOptions {
  /** Bounds of messages, heads and connections, at either end. */
  readonly limits?: Readonly<Record<string, number>>;
  readonly perMessageDeflate?: boolean | DeflateOptions;
  /** The server asks `authenticate`, which answers when it is told to `admit`. */
  readonly holdsHandshakes?: boolean;
  /** The server is attached to an HTTP server with this bound of bytes per head. */
  readonly maxHeaderSize?: number;
  readonly subprotocols?: readonly string[];
}

export type Order =
  | { readonly type: "begin"; readonly role: "server" | "client"; readonly options: SubjectOptions }
  | { readonly type: "connect"; readonly id: number; readonly url: string }
  | { readonly type: "admit" }
  | { readonly type: "measure"; readonly id: number };

export type Report =
  | {
      readonly type: "ready";
      readonly port: number;
      readonly path: string;
      /** Whether short messages come back, so that there can be a bystander. */
      readonly echoes: boolean;
    }
  | { readonly type: "opened"; readonly id: number }
  | { readonly type: "failed"; readonly id: number; readonly code: string; readonly fault: string }
  | { readonly type: "measured"; readonly id: number; readonly measures: Measures };

export interface Measures {
  /** After a garbage collection. */
  readonly rssBytes: number;
  /** The most that the process has ever had. */
  readonly rssPeakBytes: number;
  /** Heap and external memory in use, after a garbage collection. */
  readonly keptBytes: number;
  /** CPU time since the process began. */
  readonly cpuMs: number;
  /** The longest that the event loop stood still since the last time that it was asked. */
  readonly stallMs: number;
  readonly connections: number;
  /** Handshakes that wait to be admitted. */
  readonly waiting: number;
  readonly messages: number;
  readonly messageBytes: number;
  /** The faults of peers so far, in order. */
  readonly faults: readonly string[];
}
