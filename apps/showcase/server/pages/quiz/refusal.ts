// Why the quiz does not do what it was asked for: a code for programs, a sentence for people.
import { FailureError } from "@tidewire/hub";
import { playersMax } from "./limits.js";

const sentences = {
  "no-such-game": "There is no such game: it is over, or the code is wrong.",
  "game-full": `This game is full: ${playersMax} players.`,
  "game-over": "This game has come to its end.",
  "nickname-taken": "Somebody in this game has that nickname already. Choose another one.",
  "not-a-player": "You are not a player of this game. Join it first.",
  removed: "The host has removed you from this game.",
  "no-players": "Nobody has joined yet.",
  "not-open": "No question is open now.",
  "too-early": "The question cannot be answered yet.",
  "too-late": "Time is up: the answer came after the deadline.",
  "other-question": "This is not the question that is open now.",
  "no-such-answer": "The question has no such answer.",
  "already-answered": "You have answered this question already.",
} as const;

export type RefusalCode = keyof typeof sentences;

export function refuse(code: RefusalCode, data?: unknown): FailureError {
  return new FailureError(code, sentences[code], data === undefined ? {} : { data });
}
