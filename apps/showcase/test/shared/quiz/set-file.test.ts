import { describe, expect, test } from "vitest";
import { defaultSet } from "../../../shared/quiz/default-set.js";
import {
  answerLengthMax,
  answersMax,
  questionLengthMax,
  questionsMax,
  setFileBytesMax,
  titleLengthMax,
} from "../../../shared/quiz/limits.js";
import { checkQuestionSet } from "../../../shared/quiz/question-set.js";
import { readSetFile, writeSetFile } from "../../../shared/quiz/set-file.js";
import { makeSet } from "../../quiz-scene.js";

const head = { format: "tidewire-quiz", version: 1 } as const;
const question = makeSet(1).questions[0]!;
const [right] = question.answers;
const write = (value: unknown) => JSON.stringify(value);
const withQuestion = (change: object) =>
  write({ ...head, title: "x", questions: [question, { ...question, ...change }] });

describe("the set that one finds there", () => {
  test("is in good shape, and its right answers are in various places", () => {
    expect(checkQuestionSet(defaultSet)).toEqual({ set: defaultSet, problems: [] });
    expect(defaultSet.questions).toHaveLength(12);
    const places = defaultSet.questions.map(({ answers }) =>
      answers.findIndex(({ correct }) => correct),
    );
    expect(new Set(places).size).toBeGreaterThan(2);
    for (const { answers } of defaultSet.questions) {
      expect(new Set(answers.map(({ text }) => text)).size).toBe(answers.length);
    }
  });
});

describe("a file", () => {
  test("comes back as it was written, also with a byte order mark", () => {
    for (const set of [defaultSet, makeSet(questionsMax)]) {
      expect(readSetFile(writeSetFile(set)).set).toEqual(set);
      expect(readSetFile(`\ufeff${writeSetFile(set)}`).set).toEqual(set);
    }
  });

  test("without a time to read gets the usual one", () => {
    const { readSeconds: _, ...set } = makeSet(1);
    expect(readSetFile(write({ ...head, ...set })).set?.readSeconds).toBe(3);
  });

  test.each([
    ["nothing", "  \n", "The file is empty."],
    ["no JSON", "{,}", "The file is not JSON: "],
    ["a list", "[]", "The file holds no question set, but something else."],
    ["null", "null", "The file holds no question set, but something else."],
    ["another format", '{"format":"x"}', "The file is no question set: its “format” is not"],
    ["another version", write({ ...head, version: 2 }), "The file's “version” is not 1"],
    ["a large one", " ".repeat(setFileBytesMax + 1), "The file is too large: 256 KiB at most."],
    ["no title", write({ ...head, questions: [question] }), "“title” is missing."],
    ["no questions", write({ ...head, title: "x" }), "“questions” is missing."],
    ["an empty list", write({ ...head, title: "x", questions: [] }), "There is no question."],
    [
      "a word too much",
      write({ ...head, ...makeSet(1), by: "me" }),
      "There is no “by” in this format.",
    ],
    [
      "a number as question",
      write({ ...head, title: "x", questions: [7] }),
      "Question 1: This is not an object.",
    ],
    ["a blank text", withQuestion({ text: " \u200b" }), "Question 2: The text is empty."],
    [
      "too long a text",
      withQuestion({ text: "x".repeat(questionLengthMax + 1) }),
      "Question 2: The text is too long: 200 characters at most.",
    ],
    [
      "no right answer",
      withQuestion({ answers: [1, 2].map(() => ({ text: "x", correct: false })) }),
      "Question 2: No answer is marked as correct.",
    ],
    [
      "one answer",
      withQuestion({ answers: [right] }),
      "Question 2: There must be 2 answers at least.",
    ],
    [
      "too many answers",
      withQuestion({ answers: Array.from({ length: answersMax + 1 }, () => right) }),
      "Question 2: There may be 4 answers at most.",
    ],
    [
      "too long an answer",
      withQuestion({ answers: [right, { text: "x".repeat(answerLengthMax + 1), correct: true }] }),
      "Question 2, answer 2: The text is too long",
    ],
    [
      "no answer's text",
      withQuestion({ answers: [right, { correct: true }] }),
      "Question 2, answer 2: “text” is missing.",
    ],
    [
      "half a second",
      withQuestion({ seconds: 5.5 }),
      "Question 2: “seconds” is not a whole number from 5 to 120.",
    ],
    [
      "too little time",
      withQuestion({ seconds: 4 }),
      "Question 2: “seconds” is not a whole number from 5 to 120.",
    ],
    [
      "too many questions",
      write({
        ...head,
        title: "x",
        questions: Array.from({ length: questionsMax + 1 }, () => question),
      }),
      "There may be 50 questions at most.",
    ],
    [
      "too long a title",
      write({ ...head, ...makeSet(1), title: "x".repeat(titleLengthMax + 1) }),
      "The title is too long",
    ],
  ])("with %s is refused, saying why", (_, text, problem) => {
    const { set, problems } = readSetFile(text);
    expect(set).toBeUndefined();
    expect(problems[0]).toContain(problem);
  });

  test("with many faults tells the first of them, and how many more there are", () => {
    const questions = Array.from({ length: 9 }, () => ({ ...question, text: "" }));
    const { problems } = readSetFile(write({ ...head, title: "x", questions }));
    expect(problems).toHaveLength(6);
    expect(problems.at(-1)).toBe("And 4 more.");
  });

  test("that JavaScript could be fooled by is taken for what it is", () => {
    const text = `{"format":"tidewire-quiz","version":1,"__proto__":{"title":"x"},"questions":[]}`;
    expect(readSetFile(text).set).toBeUndefined();
  });
});
