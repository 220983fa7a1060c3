// Why a link or a session ends (PROTOCOL.md §11): the same number in `bye` and in a WebSocket close.

/** The codes of PROTOCOL.md §11 by name. */
export const CloseCode = {
  closed: 4000,
  superseded: 4001,
  draining: 4002,
  timeout: 4003,
  slow: 4004,
  internal: 4005,
  disconnected: 4006,
  overflow: 4007,
  malformed: 4400,
  unauthorised: 4401,
  tokenExpired: 4402,
  forbidden: 4403,
  unknownSession: 4404,
  helloTimeout: 4408,
  stale: 4409,
  tooLarge: 4413,
  codec: 4415,
  version: 4426,
  limited: 4429,
  overloaded: 4503,
} as const;
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

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
