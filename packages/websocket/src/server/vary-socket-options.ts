/**
 * Makes the sockets that Node accepts cheaper for V8, by nothing but making some unused ones: see
 * docs/decisions/0026.
 */
import { Socket as NetSocket, type SocketConstructorOpts } from "node:net";

/** More shapes than V8 remembers at one place in a program, which is four. */
const SHAPES: readonly SocketConstructorOpts[] = [
  {},
  { allowHalfOpen: true },
  { readable: true },
  { writable: true },
  { readable: true, writable: true },
];

/** V8 begins to remember after some calls: here 25 were enough. */
const ROUNDS = 20;

/**
 * So many connections come first: V8 learns from the first objects of a class how much room those
 * after them need, and the unused ones need little. Without this, an idle connection took 0.1 KiB more.
 */
export const ACCEPTED_FIRST = 40;

let acceptedFirst = 0;

/**
 * To be called for each connection that opens.
 *
 * `net.Socket` copies its options and adds some. As long as those it is given have few shapes, V8 11
 * (Node 20) gives every such copy hidden classes of its own, in which all that Node reads from them
 * then has to be searched for. V8 12 shares them, and would rather see one shape.
 */
export function varySocketOptions(): void {
  if (acceptedFirst === ACCEPTED_FIRST) return;
  acceptedFirst++;
  if (acceptedFirst < ACCEPTED_FIRST || !process.versions.v8.startsWith("11.")) return;
  for (let round = 0; round < ROUNDS; round++) {
    // Without a handle: there is nothing to close.
    for (const shape of SHAPES) new NetSocket(shape);
  }
}
