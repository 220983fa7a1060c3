// What the server says to a page: JSON texts of these shapes.
import * as v from "valibot";

const personSchema = v.object({ id: v.string(), name: v.string() });
const roomInfoSchema = v.object({ name: v.string(), people: v.number() });
const saidSchema = v.object({ id: v.string(), by: personSchema, at: v.number(), text: v.string() });

export const serverMessageSchema = v.variant("type", [
  /** The answer to hello: who you are to the others. Answers about your rooms follow. */
  v.object({ type: v.literal("welcome"), you: personSchema }),
  /** Every room there is; again whenever that changes, but not more often than need be. */
  v.object({ type: v.literal("rooms"), rooms: v.array(roomInfoSchema) }),
  /** You are in a room now. */
  v.object({
    type: v.literal("joined"),
    room: v.string(),
    people: v.array(personSchema),
    history: v.array(saidSchema),
  }),
  v.object({ type: v.literal("left"), room: v.string() }),
  v.object({ type: v.literal("arrived"), room: v.string(), person: personSchema }),
  v.object({ type: v.literal("departed"), room: v.string(), id: v.string() }),
  v.object({ type: v.literal("renamed"), person: personSchema }),
  /** To everyone in the room. For whoever said it, it is the receipt. */
  v.object({ type: v.literal("said"), room: v.string(), said: saidSchema }),
  v.object({ type: v.literal("typing"), room: v.string(), id: v.string() }),
  v.object({ type: v.literal("pong") }),
  /** A request was not done, and why, in words for the person in front of the page. */
  v.object({
    type: v.literal("refused"),
    code: v.picklist([
      "invalid",
      "hello-first",
      "hello-twice",
      "too-fast",
      "not-in-room",
      "room-full",
      "rooms-per-person",
      "rooms-in-total",
    ]),
    reason: v.string(),
    request: v.optional(v.string()),
    room: v.optional(v.string()),
    id: v.optional(v.string()),
    retryInMs: v.optional(v.number()),
  }),
]);

export type Person = v.InferOutput<typeof personSchema>;
export type RoomInfo = v.InferOutput<typeof roomInfoSchema>;
export type Said = v.InferOutput<typeof saidSchema>;
export type ServerMessage = v.InferOutput<typeof serverMessageSchema>;
export type Refused = Extract<ServerMessage, { type: "refused" }>;
