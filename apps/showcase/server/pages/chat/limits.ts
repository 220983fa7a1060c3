// The bounds of everything that people can make grow in the chat, with their reasons. Those that the
// page shows while one types are in shared/chat/limits.ts, those of the hub in server/hub/limits.ts.

/** People in one room: a message costs one write for each of them, and presence names them all. */
export const peoplePerRoomMax = 250;

/** Rooms at once: the whole list goes to everyone when it changes. */
export const roomsMax = 100;

/** Messages kept per room for those who come later. */
export const historyLengthMax = 50;

/** What the hub keeps of a room: fifty of the longest messages, until an hour after they were said. */
export const roomHistory = {
  entries: historyLengthMax,
  bytes: 256 * 1024,
  ageMs: 3_600_000,
} as const;

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
 * What has become of messages is told to their authors at most this often per room: everybody in it
 * may have read them within a second.
 */
export const receiptsIntervalMs = 500;

/** People whose marks are kept per room: all who can be here, and as many who have left. */
export const receiptPeopleMax = 2 * peoplePerRoomMax;

/** Private conversations at once; each may keep a history. */
export const privateRoomsMax = 300;

/** Files of one person in conversations at once: half of what the store takes from them. */
export const attachmentsPerPersonMax = 10;

/** Files that one session sends at once, and fetches: each is an open file here. */
export const uploadsMax = 4;
export const downloadsMax = 8;
