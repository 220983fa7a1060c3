import type { PageEntry } from "../page.js";

export const startEntry: PageEntry = {
  name: "",
  title: "Start",
  description: "What Tidewire is.",
  load: () => import("./page.js"),
};
