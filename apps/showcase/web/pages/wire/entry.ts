import type { PageEntry } from "../page.js";

export const wireEntry: PageEntry = {
  name: "wire",
  title: "Wire",
  description:
    "This page's own connection, bit by bit: handshake, frames, packets. Cut the line and watch it resume.",
  load: () => import("./page.js"),
};
