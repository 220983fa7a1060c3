// What the headless lab and its server process say to each other.
import type { LabSettings, LabTransport, LineCounts } from "../shared/lab/contract.js";

export type ToServer =
  | { readonly type: "open"; readonly settings: LabSettings; readonly transport: LabTransport }
  | { readonly type: "sample" };

export type FromServer =
  | { readonly type: "listening"; readonly port: number }
  | { readonly type: "opened"; readonly run: string }
  | { readonly type: "sample"; readonly sample: Sample };

/** The server at one moment. */
export interface Sample {
  /** By the clock that all processes of a machine share. */
  readonly atMs: number;
  /** User and system time since it was started. */
  readonly cpuMicros: number;
  /** Undefined before a run was opened. */
  readonly counts: LineCounts | undefined;
}
