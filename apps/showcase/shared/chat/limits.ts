// What both ends must agree on: the page counts down to these while one types, the server enforces
// them. What only the server needs to know is in server/pages/chat/limits.ts.

/** Longest name of a person, in UTF-16 units as an input's `maxlength` counts them. */
export const nameLengthMax = 32;

/** Longest name of a room, in UTF-16 units. */
export const roomNameLengthMax = 32;

/** Longest text of one message, in UTF-16 units: a long paragraph, not a book. */
export const textLengthMax = 2_000;

/** Rooms one person may be in at once: each costs the server a history on every reconnect. */
export const roomsPerPersonMax = 8;

/** Private conversations of one person at once; the latest fit on a screen. */
export const privatePerPersonMax = 20;

/** Largest file in a conversation, in bytes: a photo or a document; the files page takes larger ones. */
export const attachmentBytesMax = 25 * 1_048_576;

/** Pictures up to this size, in bytes, are fetched without being asked for. */
export const pictureBytesMax = 8 * 1_048_576;

/** People named of those who have a message, or have read it; the others are counted only. */
export const receiptNamesMax = 20;

/** The room that is always there, so that newcomers meet. */
export const lobby = "lobby";

/** A room of the chat as the hub knows it: a name that no other page uses. */
export function hubRoom(room: string): string {
  return `chat/${room}`;
}
