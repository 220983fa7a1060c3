// A set of questions: what a host edits, keeps in a file, and makes a game of.
import * as v from "valibot";
import {
  answerLengthMax,
  answersMax,
  answersMin,
  questionLengthMax,
  questionsMax,
  readSecondsDefault,
  readSecondsMax,
  readSecondsMin,
  secondsMax,
  secondsMin,
  titleLengthMax,
} from "./limits.js";
import { line } from "./line.js";

const answerSchema = v.strictObject({
  text: line("The text", answerLengthMax),
  correct: v.boolean("“correct” is neither true nor false."),
});

export const questionSchema = v.strictObject({
  text: line("The text", questionLengthMax),
  /** How long it can be answered. */
  seconds: whole("“seconds”", secondsMin, secondsMax),
  answers: v.pipe(
    v.array(answerSchema, "There is no list of answers."),
    v.minLength(answersMin, `There must be ${answersMin} answers at least.`),
    v.maxLength(answersMax, `There may be ${answersMax} answers at most.`),
    // Any of several right ones counts.
    v.check((answers) => answers.some(({ correct }) => correct), "No answer is marked as correct."),
  ),
});

export const questionSetSchema = v.strictObject({
  title: line("The title", titleLengthMax),
  /** How long a question is shown before it can be answered. */
  readSeconds: v.optional(
    whole("“readSeconds”", readSecondsMin, readSecondsMax),
    readSecondsDefault,
  ),
  questions: v.pipe(
    v.array(questionSchema, "There is no list of questions."),
    v.minLength(1, "There is no question."),
    v.maxLength(questionsMax, `There may be ${questionsMax} questions at most.`),
  ),
});

export type Question = v.InferOutput<typeof questionSchema>;
export type QuestionSet = v.InferOutput<typeof questionSetSchema>;

export type CheckedSet =
  | { readonly set: QuestionSet; readonly problems: readonly [] }
  | { readonly set: undefined; readonly problems: readonly string[] };

/** Problems that are told at once. */
const problemsMax = 5;

/** A set in good shape, or what is wrong with it, in words that name the place. */
export function checkQuestionSet(value: unknown): CheckedSet {
  const read = v.safeParse(questionSetSchema, value);
  if (read.success) return { set: read.output, problems: [] };
  const problems = read.issues.slice(0, problemsMax).map(describe);
  const more = read.issues.length - problems.length;
  return { set: undefined, problems: more > 0 ? [...problems, `And ${more} more.`] : problems };
}

type Issue = v.InferIssue<typeof questionSetSchema>;

/** “Question 3, answer 2: The text is empty.” */
function describe(issue: Issue): string {
  const keys = issue.path?.map(({ key }) => key) ?? [];
  const places: string[] = [];
  if (typeof keys[1] === "number") places.push(`Question ${keys[1] + 1}`);
  if (typeof keys[3] === "number") places.push(`answer ${keys[3] + 1}`);
  const place = places.join(", ");
  const message = explain(issue, keys.at(-1));
  return place ? `${place}: ${message}` : message;
}

function explain(issue: Issue, key: unknown): string {
  // A strict object knows only the names of what is missing or too much.
  if (issue.type === "strict_object") {
    if (issue.expected === "never")
      return `There is no “${String(key).slice(0, 40)}” in this format.`;
    if (issue.received === "undefined") return `“${String(key)}” is missing.`;
    return "This is not an object.";
  }
  return issue.message;
}

function whole(what: string, min: number, max: number) {
  const message = `${what} is not a whole number from ${min} to ${max}.`;
  return v.pipe(
    v.number(message),
    v.integer(message),
    v.minValue(min, message),
    v.maxValue(max, message),
  );
}
