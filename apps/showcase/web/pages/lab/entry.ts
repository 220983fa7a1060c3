import type { PageEntry } from "../page.js";

export const labEntry: PageEntry = {
  name: "lab",
  title: "Transport lab",
  description:
    "Polling, long polling, streaming, SSE and WebSocket at the same task, measured live.",
  load: () => import("./page.js"),
};
