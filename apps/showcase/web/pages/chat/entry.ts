import type { PageEntry } from "../page.js";

export const chatEntry: PageEntry = {
  name: "chat",
  title: "Chat",
  description: "Rooms, presence, typing, history. Cut the line while you write: nothing is lost.",
  load: () => import("./page.js"),
};
