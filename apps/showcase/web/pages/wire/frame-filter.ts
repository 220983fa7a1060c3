// Which frames of the list are shown.
import type { Frame } from "./frame.js";
import { textOf } from "./frame.js";

export interface FrameFilter {
  readonly direction: "both" | "up" | "down";
  /** `all`, `data`, `control`, or a packet's type or opcode's name. */
  readonly kind: string;
  /** Is looked for in payloads, in any case. */
  readonly text: string;
}

export const everything: FrameFilter = { direction: "both", kind: "all", text: "" };

export function matches(frame: Frame, { direction, kind, text }: FrameFilter): boolean {
  if (direction !== "both" && frame.item.direction !== direction) return false;
  if (kind === "data" && frame.isControl) return false;
  if (kind === "control" && !frame.isControl) return false;
  if (kind !== "all" && kind !== "data" && kind !== "control" && frame.kind !== kind) return false;
  if (text === "") return true;
  const where =
    `${frame.kind} ${frame.summary} ${textOf(frame.item.inflated ?? frame.item.payload)}`.toLowerCase();
  return where.includes(text.toLowerCase());
}
