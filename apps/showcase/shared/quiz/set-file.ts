// A question set as a file: JSON that one can read and write by hand.
import { setFileBytesMax } from "./limits.js";
import { type CheckedSet, checkQuestionSet, type QuestionSet } from "./question-set.js";

const format = "tidewire-quiz";
const version = 1;

export function writeSetFile(set: QuestionSet): string {
  return `${JSON.stringify({ format, version, ...set }, undefined, 2)}\n`;
}

/** Never throws: what is wrong with the file is told in words for the person who chose it. */
export function readSetFile(text: string): CheckedSet {
  if (text.length > setFileBytesMax) {
    return refuse(`The file is too large: ${setFileBytesMax / 1024} KiB at most.`);
  }
  if (text.trim() === "") return refuse("The file is empty.");
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/u, ""));
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return refuse(`The file is not JSON: ${detail.slice(0, 200)}`);
  }
  if (!isRecord(value)) return refuse("The file holds no question set, but something else.");
  const { format: itsFormat, version: itsVersion, ...set } = value;
  if (itsFormat !== format) {
    return refuse(`The file is no question set: its “format” is not “${format}”.`);
  }
  if (itsVersion !== version) {
    return refuse(`The file's “version” is not ${version}, the only one that is known here.`);
  }
  return checkQuestionSet(set);
}

function refuse(problem: string): CheckedSet {
  return { set: undefined, problems: [problem] };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
