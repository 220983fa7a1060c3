// What a page may say to the server: JSON texts of these shapes and nothing else.
import * as v from "valibot";
import { nameLengthMax, roomNameLengthMax, roomsPerPersonMax, textLengthMax } from "./limits.js";
import { tidyName, tidyRoomName, tidyText } from "./text-rules.js";

const name = tidyString("The name", nameLengthMax, tidyName);
const room = tidyString("The room's name", roomNameLengthMax, tidyRoomName);
const text = tidyString("The message", textLengthMax, tidyText);
const messageId = v.pipe(v.string(), v.regex(/^[0-9a-f]{16,32}$/, "Expected 16 to 32 hex digits"));

/**
 * A secret that a tab makes up for itself. Whoever shows it again after a lost connection is the
 * same person; others only ever see its digest.
 */
const key = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/, "Expected 32 hex digits"));

export const clientMessageSchema = v.variant("type", [
  v.strictObject({
    type: v.literal("hello"),
    key,
    name,
    rooms: v.pipe(
      v.array(room),
      v.maxLength(roomsPerPersonMax, `One person can be in ${roomsPerPersonMax} rooms at most.`),
    ),
  }),
  v.strictObject({ type: v.literal("rename"), name }),
  v.strictObject({ type: v.literal("join"), room }),
  v.strictObject({ type: v.literal("leave"), room }),
  v.strictObject({ type: v.literal("say"), id: messageId, room, text }),
  v.strictObject({ type: v.literal("typing"), room }),
  v.strictObject({ type: v.literal("ping") }),
]);

export type ClientMessage = v.InferOutput<typeof clientMessageSchema>;

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
