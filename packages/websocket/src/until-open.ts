/** Waits for the opening handshake of a socket. */
import type { Socket } from "./socket.js";

/** Rejects with why there is no connection; resolves at once if the socket is open or was. */
export async function untilOpen(socket: Socket): Promise<void> {
  if (socket.readyState !== 0) return;
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve(), { once: true });
    socket.addEventListener("error", ({ error }) => reject(error), { once: true });
  });
}
