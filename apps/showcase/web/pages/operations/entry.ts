import type { PageEntry } from "../page.js";

export const operationsEntry: PageEntry = {
  name: "operations",
  title: "Operations",
  description:
    "For whoever runs this server: its load as live charts, every session, disconnect and drain.",
  load: () => import("./page.js"),
};
