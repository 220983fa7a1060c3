// What the chat says on the wire. The schemas are checked where something arrives, on both ends.
// Who is in a room is told by the hub itself: see `shownSchema`.
import { defineContract } from "@tidewire/session-protocol";
import * as v from "valibot";
import { nameLengthMax, roomNameLengthMax, textLengthMax } from "./limits.js";
import { tidyName, tidyRoomName, tidyText } from "./text-rules.js";

const nameSchema = tidyString("The name", nameLengthMax, tidyName);
const roomSchema = tidyString("The room's name", roomNameLengthMax, tidyRoomName);
const textSchema = tidyString("The message", textLengthMax, tidyText);
const messageIdSchema = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{16,32}$/, "Expected 16 to 32 hex digits"),
);

const personSchema = v.object({ id: v.string(), name: v.string() });
const presentSchema = v.object({ session: v.string(), person: personSchema });
const roomInfoSchema = v.object({ name: v.string(), people: v.number() });
const saidSchema = v.object({
  room: v.string(),
  /** Made by the page of its author: it stays the same, however often the message is sent. */
  id: v.string(),
  by: personSchema,
  /** Milliseconds of the server's clock. */
  at: v.number(),
  text: v.string(),
});

/** A place in a room's history. */
const positionSchema = v.object({
  epoch: v.pipe(v.string(), v.maxLength(128)),
  offset: v.pipe(v.number(), v.integer(), v.minValue(0)),
});

/** What one shows of oneself in a room, as the hub's presence tells it. */
export const shownSchema = v.object({ name: v.string() });

export const chatContract = defineContract({
  client: {
    /** Comes into a room, or says that it is still there, and is told what was missed. */
    "chat.join": {
      data: v.strictObject({
        room: roomSchema,
        name: nameSchema,
        /** How far the page has followed the room's history. */
        since: v.optional(positionSchema),
      }),
      reply: v.object({
        /** Who you are to the others. */
        you: v.string(),
        people: v.array(presentSchema),
        said: v.array(saidSchema),
        position: positionSchema,
      }),
    },
    "chat.leave": { data: v.strictObject({ room: roomSchema }) },
    "chat.rename": { data: v.strictObject({ name: nameSchema }), reply: v.null() },
    /** The reply is the receipt. */
    "chat.say": {
      data: v.strictObject({ id: messageIdSchema, room: roomSchema, text: textSchema }),
      reply: saidSchema,
    },
    /** Volatile. */
    "chat.typing": { data: v.strictObject({ room: roomSchema }) },
  },
  server: {
    /** Every room there is; again whenever that changes, but not more often than need be. */
    "chat.rooms": { data: v.object({ rooms: v.array(roomInfoSchema) }) },
    /** To everyone in the room. */
    "chat.said": { data: saidSchema },
    /** Volatile. */
    "chat.typing": { data: v.object({ room: v.string(), id: v.string() }) },
  },
});

export type Person = v.InferOutput<typeof personSchema>;
export type Present = v.InferOutput<typeof presentSchema>;
export type RoomInfo = v.InferOutput<typeof roomInfoSchema>;
export type Said = v.InferOutput<typeof saidSchema>;

function tidyString(what: string, lengthMax: number, tidy: (value: string) => string) {
  return v.pipe(
    v.string(),
    // The raw length first: the rules for tidying are linear, but not free.
    v.maxLength(lengthMax * 2, `${what} is too long: ${lengthMax} characters at most.`),
    v.transform(tidy),
    v.minLength(1, `${what} is empty.`),
    v.maxLength(lengthMax, `${what} is too long: ${lengthMax} characters at most.`),
  );
}
