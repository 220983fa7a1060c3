/**
 * An error of a user's handler is not the connection's: it surfaces as an uncaught exception of its
 * own, and the socket goes on.
 */
export function throwLater(error: unknown): void {
  process.nextTick(() => {
    throw error;
  });
}
