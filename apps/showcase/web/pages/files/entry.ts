import type { PageEntry } from "../page.js";

export const filesEntry: PageEntry = {
  name: "files",
  title: "Files",
  description:
    "Drop a file; everyone in the room sees it arrive. Pause it, cut the line: it goes on where it was.",
  load: () => import("./page.js"),
};
