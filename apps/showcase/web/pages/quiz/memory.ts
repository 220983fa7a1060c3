// What is remembered. Which game one hosts, and the questions, by every tab of the browser; as whom
// one plays, by the tab, so that two tabs are two players. Another tab is offered to go on with it.
// Browsers may refuse to store anything; then nothing is remembered, and all else works.
import * as v from "valibot";

const seatKey = "tidewire.quiz.seat";
const hostKey = "tidewire.quiz.host";
const draftKey = "tidewire.quiz.draft";

const seatSchema = v.object({
  code: v.string(),
  token: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
  nickname: v.string(),
});

/** Somebody's place in a game. */
export type Seat = v.InferOutput<typeof seatSchema>;

/** This tab's. */
export function recallSeat(): Seat | undefined {
  return readSeat(attempt(() => sessionStorage.getItem(seatKey)));
}

/** The latest of this browser. */
export function recallFormerSeat(): Seat | undefined {
  return readSeat(attempt(() => localStorage.getItem(seatKey)));
}

export function rememberSeat(seat: Seat): void {
  const text = JSON.stringify(seat);
  attempt(() => sessionStorage.setItem(seatKey, text));
  attempt(() => localStorage.setItem(seatKey, text));
}

/** The tab plays no more; nor can another one go on with that place. */
export function forgetSeat(): void {
  const token = recallSeat()?.token;
  attempt(() => sessionStorage.removeItem(seatKey));
  if (recallFormerSeat()?.token === token) attempt(() => localStorage.removeItem(seatKey));
}

export function recallHostToken(): string | undefined {
  const token = attempt(() => localStorage.getItem(hostKey));
  return token && /^[0-9a-f]{32}$/.test(token) ? token : undefined;
}

export function rememberHostToken(token: string): void {
  attempt(() => localStorage.setItem(hostKey, token));
}

export function forgetHostToken(): void {
  attempt(() => localStorage.removeItem(hostKey));
}

/** The question set as it was left, a file's text. */
export function recallDraft(): string | undefined {
  return attempt(() => localStorage.getItem(draftKey)) ?? undefined;
}

export function rememberDraft(text: string): void {
  attempt(() => localStorage.setItem(draftKey, text));
}

function readSeat(text: string | null | undefined): Seat | undefined {
  const read = v.safeParse(
    seatSchema,
    attempt(() => JSON.parse(text ?? "null")),
  );
  return read.success ? read.output : undefined;
}

function attempt<Value>(action: () => Value): Value | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
