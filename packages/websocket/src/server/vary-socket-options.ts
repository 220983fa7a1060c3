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

let isDone = false;

/**
 * `net.Socket` copies its options and adds some. As long as those it is given have few shapes, V8 11
 * (Node 20) gives every such copy hidden classes of its own, in which all that Node reads from them
 * then has to be searched for. V8 12 shares them, and would rather see one shape.
 */
export function varySocketOptions(): void {
  if (isDone) return;
  isDone = true;
  if (!process.versions.v8.startsWith("11.")) return;
  for (let round = 0; round < ROUNDS; round++) {
    // Without a handle: there is nothing to close.
    for (const shape of SHAPES) new NetSocket(shape);
  }
}
