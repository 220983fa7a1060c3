// The question set of last time; one that is kept in a way that is not understood any more is let go.
import type { QuestionSet } from "../../../shared/quiz/question-set.js";
import { readSetFile } from "../../../shared/quiz/set-file.js";
import { recallDraft } from "./memory.js";

export function recallSet(): QuestionSet | undefined {
  const text = recallDraft();
  return text === undefined ? undefined : readSetFile(text).set;
}
