import { expect, test } from "vitest";
import { defaultSet } from "../../../../shared/quiz/default-set.js";
import { answersMax, answersMin, questionsMax } from "../../../../shared/quiz/limits.js";
import type { QuestionSet } from "../../../../shared/quiz/question-set.js";
import { SetDraft } from "../../../../web/pages/quiz/set-draft.js";
import { makeSet } from "../../../quiz-scene.js";

const keysOf = (draft: SetDraft) => draft.draft.value.questions.map(({ key }) => key);

test("begins with the set of last time, or with the one that comes along", () => {
  expect(new SetDraft({ set: undefined }).checked.value.set).toEqual(defaultSet);
  expect(new SetDraft({ set: makeSet(2) }).checked.value.set).toEqual(makeSet(2));
});

test("only what is in good shape is remembered, and what is not is told", () => {
  const kept: QuestionSet[] = [];
  const draft = new SetDraft({ set: makeSet(1), remember: (set) => kept.push(set) });
  kept.length = 0;
  draft.setTitle("");
  draft.setReadSeconds(Number.NaN);
  expect(draft.checked.value.problems).toEqual([
    "The title is empty.",
    "“readSeconds” is not a whole number from 1 to 15.",
  ]);
  expect(kept).toEqual([]);
  draft.setTitle("New");
  draft.setReadSeconds(5);
  expect(kept).toEqual([{ ...makeSet(1), title: "New", readSeconds: 5 }]);
});

test("questions are added, edited, moved and removed; keys stay", () => {
  const draft = new SetDraft({ set: makeSet(2) });
  const [first, second] = keysOf(draft) as [number, number];
  const third = draft.add()!;
  draft.edit(third, { text: "Third?" });
  draft.move(third, -1);
  draft.move(first, -1); // It is the first already.
  expect(keysOf(draft)).toEqual([first, third, second]);
  draft.remove(first);
  expect(keysOf(draft)).toEqual([third, second]);
  for (let count = 2; count < questionsMax; count += 1) expect(draft.add()).toBeDefined();
  expect(draft.add()).toBeUndefined();
});

test("answers are edited within their bounds, and no others are touched", () => {
  const draft = new SetDraft({ set: makeSet(2) });
  const [key, other] = keysOf(draft) as [number, number];
  const answersOf = (one: number) =>
    draft.draft.value.questions.find((question) => question.key === one)?.answers;
  for (let count = 0; count < 5; count += 1) draft.addAnswer(key);
  expect(answersOf(key)).toHaveLength(answersMax);
  draft.editAnswer(key, 3, { text: "Maybe", correct: true });
  expect(answersOf(key)?.[3]).toEqual({ text: "Maybe", correct: true });
  for (let count = 0; count < 5; count += 1) draft.removeAnswer(key, 0);
  expect(answersOf(key)).toHaveLength(answersMin);
  expect(answersOf(other)).toEqual(makeSet(1).questions[0]?.answers);
});
