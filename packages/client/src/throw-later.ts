/** Makes it an uncaught error, which the page or process shows, without harm to whoever runs now. */
export function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
