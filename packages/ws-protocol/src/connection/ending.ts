/** The end of a connection, from its first sign on: a Close frame either way, a fault, a broken stream. */
import type { Fault } from "../faults.js";
import type { CloseInfo } from "../frames/close-payload.js";

/** What a connection has to remember only then, so that one in use has no room for it. */
export class Ending {
  /** See `Connection.shouldEnd`. */
  shouldEnd = false;
  /** See `Connection.shouldDestroy`. */
  shouldDestroy = false;
  fault: Fault | undefined;
  /** Until when the other side, and our output, may take. */
  deadline: number = Number.POSITIVE_INFINITY;
  /** Whether a Close frame of ours was written, or waits behind what is being compressed. */
  closeSent = false;
  /** What the Close frame of the peer said. */
  received: CloseInfo | undefined;
  /** Whatever arrives is discarded. */
  readingEnded = false;
}
