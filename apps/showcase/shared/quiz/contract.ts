// What the quiz says on the wire. Whoever has a host's token is the host of its game, whoever has a
// player's token is that player: both are made by the pages, so that what is asked again after a lost
// connection is known again, and both are secrets.
import { defineContract } from "@tidewire/session-protocol";
import * as v from "valibot";
import {
  answersMax,
  codeLength,
  nicknameLengthMax,
  questionsMax,
  scoresPageMax,
} from "./limits.js";
import { line } from "./line.js";
import { questionSetSchema } from "./question-set.js";

const codeSchema = v.pipe(
  v.string(),
  v.regex(new RegExp(`^[0-9]{${codeLength}}$`), `A game's code has ${codeLength} digits.`),
);
const tokenSchema = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/, "Expected 32 hex digits"));
const stepSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const seatSchema = v.strictObject({ code: codeSchema, token: tokenSchema });

/**
 * lobby → (read → open → reveal → scores) for each question → podium. `read` becomes `open` by the
 * clock alone, and `open` becomes `reveal` by the clock, by the last answer, or by the host.
 */
const phaseSchema = v.picklist(["lobby", "question", "reveal", "scores", "podium"]);

/** A question as players see it: not which answers are right. */
const askedSchema = v.object({
  index: v.number(),
  text: v.string(),
  answers: v.array(v.string()),
  askedAt: v.number(),
  /** From here on it can be answered; milliseconds of the server's clock. */
  opensAt: v.number(),
  /** From here on it cannot. */
  closesAt: v.number(),
});

const standingSchema = v.object({
  id: v.string(),
  nickname: v.string(),
  score: v.number(),
  /** Right answers in a row, up to the latest question. */
  streak: v.number(),
  /** Who has as many points shares the place. */
  place: v.number(),
});

const rowSchema = v.object({
  ...standingSchema.entries,
  /** Points for the latest question. */
  gained: v.number(),
  /** Places won (positive) or lost by the latest question. */
  climbed: v.number(),
});

/** What became of the latest question, for one player. */
const resultSchema = v.object({
  index: v.number(),
  correct: v.array(v.number()),
  /** Undefined: there was none in time. */
  answer: v.optional(v.number()),
  gained: v.number(),
  /** Who is one place ahead, and by how many points. */
  ahead: v.optional(v.object({ nickname: v.string(), by: v.number() })),
});

const receiptSchema = v.object({
  index: v.number(),
  answer: v.number(),
  /** Milliseconds from the opening to its arrival at the server. */
  tookMs: v.number(),
});

const playerViewSchema = v.object({
  code: v.string(),
  title: v.string(),
  step: stepSchema,
  phase: phaseSchema,
  total: v.number(),
  players: v.number(),
  you: standingSchema,
  question: v.optional(askedSchema),
  /** What was answered to that question already. */
  answered: v.optional(receiptSchema),
  result: v.optional(resultSchema),
  podium: v.optional(v.array(standingSchema)),
});

const progressSchema = v.object({
  step: stepSchema,
  players: v.number(),
  /** Those with a session: the others may come back. */
  here: v.number(),
  answered: v.number(),
  /** Answers to the question, each with how many gave it. */
  counts: v.array(v.number()),
  /** Who came last, the latest first; in the lobby only. */
  newest: v.array(v.object({ id: v.string(), nickname: v.string() })),
});

const hostViewSchema = v.object({
  code: v.string(),
  title: v.string(),
  phase: phaseSchema,
  total: v.number(),
  question: v.optional(v.object({ ...askedSchema.entries, correct: v.array(v.boolean()) })),
  progress: progressSchema,
  /** The first of the scoreboard, from the first `reveal` on. */
  top: v.array(rowSchema),
});

/** Why a game is over for somebody. */
const goneSchema = v.picklist(["ended", "idle", "removed", "elsewhere"]);

export const quizContract = defineContract({
  client: {
    /** The server's clock, to count down by. */
    "quiz.clock": { reply: v.object({ now: v.number() }) },
    /** Names by which phones in the network reach this server; none when it listens to this machine only. */
    "quiz.hosts": { reply: v.object({ hosts: v.array(v.string()) }) },

    /** Opens a game; asked again with the same token, tells of the one that there is. */
    "quiz.create": {
      data: v.strictObject({ token: tokenSchema, set: questionSetSchema }),
      reply: hostViewSchema,
    },
    /** The host is back, after a reload or with another session. */
    "quiz.host": { data: v.strictObject({ token: tokenSchema }), reply: hostViewSchema },
    /** On to the next phase, from the step that the host sees: a second click does not skip one. */
    "quiz.advance": {
      data: v.strictObject({ token: tokenSchema, step: stepSchema }),
      reply: v.null(),
    },
    "quiz.remove": {
      data: v.strictObject({ token: tokenSchema, player: v.pipe(v.string(), v.maxLength(32)) }),
      reply: v.null(),
    },
    "quiz.end": { data: v.strictObject({ token: tokenSchema }), reply: v.null() },
    /** The whole scoreboard, a page of it at a time. */
    "quiz.scores": {
      data: v.strictObject({
        token: tokenSchema,
        from: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
      }),
      reply: v.object({
        rows: v.pipe(v.array(rowSchema), v.maxLength(scoresPageMax)),
        total: v.number(),
      }),
    },

    /** Comes into a game. A token that plays already is told of its place, and keeps its nickname. */
    "quiz.join": {
      data: v.strictObject({
        ...seatSchema.entries,
        nickname: line("The nickname", nicknameLengthMax),
      }),
      reply: playerViewSchema,
    },
    /** Comes back, after a reload or with another session. */
    "quiz.return": { data: seatSchema, reply: playerViewSchema },
    /** The reply is the receipt: the answer counts. Another one to the same question is refused. */
    "quiz.answer": {
      data: v.strictObject({
        ...seatSchema.entries,
        index: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(questionsMax)),
        answer: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(answersMax - 1)),
      }),
      reply: receiptSchema,
    },
    "quiz.leave": { data: seatSchema, reply: v.null() },
  },
  server: {
    /** To every player, once per question. */
    "quiz.asked": {
      data: v.object({
        code: v.string(),
        step: stepSchema,
        players: v.number(),
        question: askedSchema,
      }),
    },
    /** To each player, when a question is over. */
    "quiz.result": {
      data: v.object({
        code: v.string(),
        step: stepSchema,
        players: v.number(),
        you: standingSchema,
        result: resultSchema,
      }),
    },
    /** To every player: the end. */
    "quiz.podium": {
      data: v.object({ code: v.string(), step: stepSchema, podium: v.array(standingSchema) }),
    },
    /** To a player, or to all: this game is no more. */
    "quiz.gone": { data: v.object({ code: v.string(), why: goneSchema }) },

    /** To the host's screens, at every phase. */
    "quiz.stage": { data: hostViewSchema },
    /** To the host's screens, while something changes; only the latest matters. */
    "quiz.progress": { data: v.object({ code: v.string(), progress: progressSchema }) },
  },
});

export type Phase = v.InferOutput<typeof phaseSchema>;
export type Asked = v.InferOutput<typeof askedSchema>;
export type Standing = v.InferOutput<typeof standingSchema>;
export type Row = v.InferOutput<typeof rowSchema>;
export type Result = v.InferOutput<typeof resultSchema>;
export type Receipt = v.InferOutput<typeof receiptSchema>;
export type PlayerView = v.InferOutput<typeof playerViewSchema>;
export type HostView = v.InferOutput<typeof hostViewSchema>;
export type Progress = v.InferOutput<typeof progressSchema>;
export type Gone = v.InferOutput<typeof goneSchema>;
