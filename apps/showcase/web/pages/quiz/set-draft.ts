// The questions as they are being edited: anything may be blank or missing for a while. Every change
// is kept.
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { defaultSet } from "../../../shared/quiz/default-set.js";
import {
  answersMax,
  answersMin,
  questionsMax,
  secondsDefault,
} from "../../../shared/quiz/limits.js";
import {
  type CheckedSet,
  checkQuestionSet,
  type QuestionSet,
} from "../../../shared/quiz/question-set.js";

/** A question with a key of its own, so that what is open on the page stays open when it is moved. */
export interface DraftQuestion {
  readonly key: number;
  readonly text: string;
  readonly seconds: number;
  readonly answers: readonly DraftAnswer[];
}

export interface DraftAnswer {
  readonly text: string;
  readonly correct: boolean;
}

export interface Draft {
  readonly title: string;
  readonly readSeconds: number;
  readonly questions: readonly DraftQuestion[];
}

export interface SetDraftOptions {
  /** The set of last time. */
  readonly set: QuestionSet | undefined;
  /** Called with every set that is in good shape. */
  readonly remember?: (set: QuestionSet) => void;
}

export class SetDraft {
  readonly #remember: (set: QuestionSet) => void;
  readonly #draft = signal<Draft>({ title: "", readSeconds: 1, questions: [] });
  #nextKey = 1;

  constructor({ set, remember }: SetDraftOptions) {
    this.#remember = remember ?? (() => {});
    this.load(set ?? defaultSet);
  }

  get draft(): ReadonlySignal<Draft> {
    return this.#draft;
  }

  /** The set in good shape, or what is missing. */
  readonly checked: ReadonlySignal<CheckedSet> = computed(() => {
    const { questions, ...rest } = this.#draft.value;
    return checkQuestionSet({ ...rest, questions: questions.map(({ key: _, ...plain }) => plain) });
  });

  load(set: QuestionSet): void {
    this.#change({ ...set, questions: set.questions.map((question) => this.#keyed(question)) });
  }

  setTitle(title: string): void {
    this.#change({ ...this.#draft.value, title });
  }

  setReadSeconds(readSeconds: number): void {
    this.#change({ ...this.#draft.value, readSeconds });
  }

  /** @returns the key of the new question; undefined when there are as many as there may be */
  add(): number | undefined {
    const { questions } = this.#draft.value;
    if (questions.length >= questionsMax) return undefined;
    const answers = [true, false, false, false].map((correct) => ({ text: "", correct }));
    const question = this.#keyed({ text: "", seconds: secondsDefault, answers });
    this.#setQuestions([...questions, question]);
    return question.key;
  }

  edit(key: number, change: Partial<Omit<DraftQuestion, "key">>): void {
    const { questions } = this.#draft.value;
    this.#setQuestions(
      questions.map((question) => (question.key === key ? { ...question, ...change } : question)),
    );
  }

  editAnswer(key: number, index: number, change: Partial<DraftAnswer>): void {
    this.#editAnswers(key, (answers) =>
      answers.map((answer, at) => (at === index ? { ...answer, ...change } : answer)),
    );
  }

  addAnswer(key: number): void {
    this.#editAnswers(key, (answers) =>
      answers.length < answersMax ? [...answers, { text: "", correct: false }] : answers,
    );
  }

  removeAnswer(key: number, index: number): void {
    this.#editAnswers(key, (answers) =>
      answers.length > answersMin ? answers.filter((_, at) => at !== index) : answers,
    );
  }

  remove(key: number): void {
    this.#setQuestions(this.#draft.value.questions.filter((question) => question.key !== key));
  }

  /** @param by -1: one up; 1: one down */
  move(key: number, by: -1 | 1): void {
    const questions = [...this.#draft.value.questions];
    const from = questions.findIndex((question) => question.key === key);
    const to = from + by;
    const [moved, other] = [questions[from], questions[to]];
    if (moved === undefined || other === undefined) return;
    questions[from] = other;
    questions[to] = moved;
    this.#setQuestions(questions);
  }

  #editAnswers(
    key: number,
    edit: (answers: readonly DraftAnswer[]) => readonly DraftAnswer[],
  ): void {
    const question = this.#draft.value.questions.find((one) => one.key === key);
    if (question !== undefined) this.edit(key, { answers: edit(question.answers) });
  }

  #setQuestions(questions: readonly DraftQuestion[]): void {
    this.#change({ ...this.#draft.value, questions });
  }

  #change(draft: Draft): void {
    this.#draft.value = draft;
    const { set } = this.checked.value;
    if (set !== undefined) this.#remember(set);
  }

  #keyed(question: Omit<DraftQuestion, "key">): DraftQuestion {
    const key = this.#nextKey;
    this.#nextKey += 1;
    return { ...question, key };
  }
}
