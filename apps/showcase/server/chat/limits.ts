// The bounds of everything that visitors can make grow, with their reasons. Those that the page
// shows while one types are in shared/limits.ts.

/** Connections at once. With every other bound below, the worst case stays within about 100 MB. */
export const visitorsMax = 1_000;

/** Connections from one address: a whole classroom behind one router. */
export const visitorsPerAddressMax = 200;

/** People in one room: a message costs one write for each of them. */
export const peoplePerRoomMax = 250;

/** Rooms at once: the whole list goes to everyone when it changes. */
export const roomsMax = 100;

/** Messages kept per room for those who come later: 100 rooms full of the longest are 40 MB. */
export const historyLengthMax = 50;

/**
 * Bytes of one message on the wire: the longest text with every character as a six-byte escape
 * (`\u0000`), and room for the rest.
 */
export const messageBytesMax = 16 * 1024;

/** Bytes waiting for a visitor who does not read; the connection is closed beyond. */
export const backlogBytesMax = 2 * 1024 * 1024;

/** A connection must introduce itself within this time. */
export const helloTimeoutMs = 10_000;

/** The list of rooms is sent at most this often. */
export const directoryIntervalMs = 500;

/** What one may say: this many at once, then so many per second. Faster than anyone types. */
export const sayBurst = 10;
export const sayPerSecond = 2;

/**
 * Joining, leaving, renaming and typing: this many at once, then so many per second. Each is told
 * to everyone in the room, renaming to everyone in all rooms of that person.
 */
export const changeBurst = 20;
export const changesPerSecond = 4;

/**
 * Requests of any kind, valid or not: this many at once, then so many per second. Beyond it, the
 * connection is closed, since every refusal costs an answer as well.
 */
export const requestBurst = 60;
export const requestsPerSecond = 20;
