// What the other side did wrong, as a value: input from the wire never throws.

/** A breach of the protocol by the other side. */
export interface Fault {
  readonly type: "fault";
  /** A stable word for programs. */
  readonly code: FaultCode;
  /** The close code to end with (§11). */
  readonly closeCode: number;
  /** The section of PROTOCOL.md that was broken, such as `"4.2"`. */
  readonly section: string;
  /** What was found where, for people. Never contains a secret or the whole input. */
  readonly detail: string;
}

export type FaultCode =
  | "syntax"
  | "depth"
  | "binary"
  | "shape"
  | "unexpected"
  | "order"
  | "count"
  | "credit"
  | "too-large"
  | "stale"
  | "mismatch"
  | "version";

/** A fault by its code, `section` of PROTOCOL.md and detail. Default `closeCode`: 4400, malformed. */
export function fault(
  code: FaultCode,
  section: string,
  detail: string,
  closeCode: number = 4400,
): Fault {
  return { type: "fault", code, closeCode, section, detail };
}

/** Tells a fault from the packet (or other union member) that was asked for. */
export function isFault(value: unknown): value is Fault {
  return typeof value === "object" && value !== null && (value as Fault).type === "fault";
}
