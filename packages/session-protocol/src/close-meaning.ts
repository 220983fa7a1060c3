// What follows from a code of PROTOCOL.md §11.

const ending = [4000, 4006, 4007, 4400, 4404, 4413];
const final = [4000, 4001, 4006];
const retriable44 = [4402, 4404, 4408, 4409, 4429];

/** Whether the session is over after this code (column "session" of §11). */
export function endsSession(code: number): boolean {
  return ending.includes(code);
}

/** Whether a client connects again after this code, unless `bye.reconnect` says otherwise (§11). */
export function reconnects(code: number): boolean {
  if (code >= 4400 && code < 4500) return retriable44.includes(code);
  return !final.includes(code);
}
