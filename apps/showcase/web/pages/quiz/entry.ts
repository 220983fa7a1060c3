import type { PageEntry } from "../page.js";

export const quizEntry: PageEntry = {
  name: "quiz",
  title: "Quiz",
  description:
    "A live quiz for a whole class: join by phone, answer against the clock, keep your score when you drop out.",
  load: () => import("./page.js"),
};
