// What the chat says on the wire. The schemas are checked where something arrives, on both ends.
// Who is in a room is told by the hub itself: see `shownSchema`.
import { defineContract } from "@tidewire/session-protocol";
import * as v from "valibot";
import { tidyName, tidyRoomName, tidyText } from "../text-rules.js";
import { fates } from "./fate.js";
import { nameLengthMax, roomNameLengthMax, textLengthMax } from "./limits.js";
import { pairOf } from "./private-room.js";

const nameSchema = tidyString("The name", nameLengthMax, tidyName);
const openRoomSchema = tidyString("The room's name", roomNameLengthMax, tidyRoomName);
const privateRoomSchema = v.string();
/** A room for all, or the conversation of two. */
const roomSchema = v.lazy((name) =>
  typeof name === "string" && pairOf(name) ? privateRoomSchema : openRoomSchema,
);
const textSchema = tidyString("The message", textLengthMax, tidyText);
const messageIdSchema = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{16,32}$/, "Expected 16 to 32 hex digits"),
);

const personSchema = v.object({ id: v.string(), name: v.string() });
const presentSchema = v.object({ session: v.string(), person: personSchema });
const roomInfoSchema = v.object({ name: v.string(), people: v.number() });
/** Up to where something has arrived, or was read: the time of a message. */
const markSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const fileIdSchema = v.pipe(v.string(), v.regex(/^chat-[0-9a-f-]{36}$/, "Expected a file's id"));
const edgeSchema = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000));
/** So that the page keeps room for it. A claim: whether it is one, its bytes tell. */
const pictureSchema = v.object({ width: edgeSchema, height: edgeSchema });
const attachmentSchema = v.object({
  /** What to ask for it by. */
  file: v.string(),
  name: v.string(),
  size: v.number(),
  sha256: v.string(),
  picture: v.optional(pictureSchema),
});
const saidSchema = v.object({
  room: v.string(),
  /** Made by the page of its author: it stays the same, however often the message is sent. */
  id: v.string(),
  by: personSchema,
  /** Milliseconds of the server's clock; no two messages of a room have the same. */
  at: v.number(),
  /** Empty with an attachment. */
  text: v.string(),
  attachment: v.optional(attachmentSchema),
});
/** What its author is told of a message. */
const receiptSchema = v.object({
  id: v.string(),
  fate: v.picklist(fates),
  of: v.number(),
  delivered: v.number(),
  read: v.number(),
});
const conversationSchema = v.object({ room: v.string(), with: personSchema });

/** Who has a message; the lists are cut, the numbers are not. */
const reachSchema = v.object({
  of: v.number(),
  delivered: v.number(),
  read: v.number(),
  readBy: v.array(personSchema),
  deliveredTo: v.array(personSchema),
  waitingFor: v.array(personSchema),
});

/** Beside name, size and type, which every upload opens with. The id is the message's. */
export const attachMetaSchema = v.strictObject({
  room: roomSchema,
  id: messageIdSchema,
  picture: v.optional(pictureSchema),
});
const bytesSchema = v.custom<Uint8Array>((item) => item instanceof Uint8Array, "Expected bytes");

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
        /** Up to here you have read it, as far as the server knows. */
        read: v.number(),
        /** Of your own messages. */
        receipts: v.array(receiptSchema),
        /** Who the other one is, in a private conversation. */
        with: v.optional(personSchema),
      }),
    },
    "chat.leave": { data: v.strictObject({ room: roomSchema }) },
    "chat.rename": { data: v.strictObject({ name: nameSchema }), reply: v.null() },
    /** The reply is the receipt. */
    "chat.say": {
      data: v.strictObject({ id: messageIdSchema, room: roomSchema, text: textSchema }),
      reply: saidSchema,
    },
    /** Says a file that has arrived by `chat.attach`. The reply is the receipt. */
    "chat.say-file": {
      data: v.strictObject({ room: roomSchema, id: messageIdSchema }),
      reply: saidSchema,
    },
    /** Gives up a file that was not said, whether it has arrived or not. */
    "chat.drop-file": { data: v.strictObject({ room: roomSchema, id: messageIdSchema }) },
    /** How far one is: all up to there has arrived, or was read. At most every second per room. */
    "chat.seen": {
      data: v.strictObject({
        room: roomSchema,
        delivered: markSchema,
        read: v.optional(markSchema),
      }),
    },
    /** Who has one's own message, and who has read it; the first of each by name. */
    "chat.reach": {
      data: v.strictObject({ room: roomSchema, id: messageIdSchema }),
      reply: reachSchema,
    },
    /** Volatile. */
    "chat.typing": { data: v.strictObject({ room: roomSchema }) },
  },
  server: {
    /** Every room there is; again whenever that changes, but not more often than need be. */
    "chat.rooms": { data: v.object({ rooms: v.array(roomInfoSchema) }) },
    /** To everyone in the room. */
    "chat.said": { data: saidSchema },
    /** What has become of one's own messages: those of which it is news. */
    "chat.receipts": { data: v.object({ room: v.string(), receipts: v.array(receiptSchema) }) },
    /** Private conversations that one is wanted in, or has something to read in. */
    "chat.private": { data: v.object({ conversations: v.array(conversationSchema) }) },
    /** Volatile. */
    "chat.typing": { data: v.object({ room: v.string(), id: v.string() }) },
  },
  streams: {
    /** An upload, answered with `{ sha256 }`. It is not said yet: see `chat.say-file`. */
    "chat.attach": {
      data: v.object({
        name: v.string(),
        size: v.number(),
        type: v.string(),
        meta: attachMetaSchema,
      }),
      up: bytesSchema,
    },
    /** A download. Ends with `{ sha256 }`. */
    "chat.fetch": {
      data: v.strictObject({ room: roomSchema, file: fileIdSchema }),
      down: bytesSchema,
    },
  },
});

export type MessageReach = v.InferOutput<typeof reachSchema>;
export type Person = v.InferOutput<typeof personSchema>;
export type Present = v.InferOutput<typeof presentSchema>;
export type RoomInfo = v.InferOutput<typeof roomInfoSchema>;
export type Attachment = v.InferOutput<typeof attachmentSchema>;
export type Conversation = v.InferOutput<typeof conversationSchema>;
export type PictureSize = v.InferOutput<typeof pictureSchema>;
export type Receipt = v.InferOutput<typeof receiptSchema>;
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
