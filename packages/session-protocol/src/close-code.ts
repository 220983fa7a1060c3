// Why a link or a session ends (PROTOCOL.md §11): the same number in `bye` and in a WebSocket close.
// The package exports all of this file as `CloseCode`. Single constants, because bundlers write their
// numbers where they are used, and a page downloads no table.

export const closed = 4000;
export const superseded = 4001;
export const draining = 4002;
export const timeout = 4003;
export const slow = 4004;
export const internal = 4005;
export const disconnected = 4006;
export const overflow = 4007;
export const malformed = 4400;
export const unauthorised = 4401;
export const tokenExpired = 4402;
export const forbidden = 4403;
export const unknownSession = 4404;
export const helloTimeout = 4408;
export const stale = 4409;
export const tooLarge = 4413;
export const codec = 4415;
export const version = 4426;
export const limited = 4429;
export const overloaded = 4503;
