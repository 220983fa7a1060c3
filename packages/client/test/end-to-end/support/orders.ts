// What the processes of a test and the test say to each other.

import type { Progress } from "@tidewire/client";

export interface Memory {
  /** Bytes of JavaScript objects and of buffers, at most so far and at the start. */
  readonly peak: number;
  readonly start: number;
}

export type HubReport =
  | { readonly type: "listening"; readonly port: number }
  | { readonly type: "progress"; readonly received: number }
  | { readonly type: "stored"; readonly sha256: string; readonly isMonotonic: boolean }
  | { readonly type: "stats"; readonly stats: object; readonly memory: Memory }
  | { readonly type: "ended"; readonly code: number }
  | { readonly type: "error"; readonly text: string };

/** To the hub's process. */
export type HubOrder =
  | { readonly type: "stats" }
  | { readonly type: "say"; readonly from: number; readonly to: number; readonly text: string };

export type UploaderReport =
  | { readonly type: "linked"; readonly answer: string }
  | {
      readonly type: "done";
      readonly answer: unknown;
      readonly progress: readonly Progress[];
      readonly memory: Memory;
    };
