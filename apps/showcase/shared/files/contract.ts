// What the files page says on the wire. The bytes of files go by streams, which the session carries on
// over lost connections; what is told about them goes by events to everyone in the drop room.
import { defineContract } from "@tidewire/session-protocol";
import * as v from "valibot";
import { nameLengthMax, roomNameLengthMax } from "../chat/limits.js";
import { tidyName, tidyRoomName } from "../text-rules.js";

const roomSchema = v.pipe(
  v.string(),
  v.maxLength(roomNameLengthMax * 2, "The room's name is too long."),
  v.transform(tidyRoomName),
  v.minLength(1, "The room's name is empty."),
  v.maxLength(roomNameLengthMax, `The room's name is too long: ${roomNameLengthMax} at most.`),
);
/** May be empty: not everybody wants to be called something. */
const nameSchema = v.pipe(
  v.string(),
  v.maxLength(nameLengthMax * 2, "The name is too long."),
  v.transform((name) => tidyName(name).slice(0, nameLengthMax)),
);
/** Made by the page that sends the file. Whoever knows it may fetch the file: not to be guessed. */
const fileIdSchema = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/, "Expected 32 hex digits"));
const bytesSchema = v.custom<Uint8Array>((item) => item instanceof Uint8Array, "Expected bytes");
const personSchema = v.object({ id: v.string(), name: v.string() });

/** How a file is getting on that is not complete yet. `away`: its sender has no connection now. */
const paceSchema = v.picklist(["moving", "paused", "away"]);
const fileSchema = v.object({
  id: v.string(),
  name: v.string(),
  size: v.number(),
  by: personSchema,
  received: v.number(),
  pace: paceSchema,
  /** Once it is complete. */
  sha256: v.optional(v.string()),
});
const progressSchema = v.object({ id: v.string(), received: v.number(), pace: paceSchema });

/** Beside name, size and type, which every upload opens with. */
export const fileMetaSchema = v.object({ room: roomSchema, id: fileIdSchema, by: nameSchema });
const uploadSchema = v.object({
  name: v.string(),
  size: v.number(),
  type: v.string(),
  meta: fileMetaSchema,
});

export const filesContract = defineContract({
  client: {
    /** Looks at a drop room, and at no other any more; is told of its files from now on. */
    "files.join": {
      data: v.strictObject({ room: roomSchema }),
      reply: v.object({
        /** Who you are to the others. */
        you: v.string(),
        files: v.array(fileSchema),
        limits: v.object({
          fileBytesMax: v.number(),
          visitorFilesMax: v.number(),
          visitorBytesMax: v.number(),
          keepMs: v.number(),
        }),
      }),
    },
    "files.leave": {},
    /** So that receivers know why nothing arrives. */
    "files.pause": { data: v.strictObject({ id: fileIdSchema, isPaused: v.boolean() }) },
    /** One's own only. */
    "files.remove": { data: v.strictObject({ id: fileIdSchema }), reply: v.null() },
  },
  server: {
    "files.added": { data: v.object({ room: v.string(), file: fileSchema }) },
    /** All of the room that are on their way; only the latest is of interest. */
    "files.progress": { data: v.object({ room: v.string(), files: v.array(progressSchema) }) },
    "files.complete": { data: v.object({ room: v.string(), id: v.string(), sha256: v.string() }) },
    "files.gone": { data: v.object({ room: v.string(), id: v.string(), reason: v.string() }) },
  },
  streams: {
    /** An upload; the answer is `{ sha256 }`. */
    "files.put": { data: uploadSchema, up: bytesSchema },
    /** A download, which may begin before the file is complete. Ends with `{ sha256 }`. */
    "files.get": { data: v.strictObject({ id: fileIdSchema }), down: bytesSchema },
  },
});

export type SharedFile = v.InferOutput<typeof fileSchema>;
export type FileProgress = v.InferOutput<typeof progressSchema>;
export type Pace = v.InferOutput<typeof paceSchema>;

/** Where one is when the address names no drop room. */
export const openRoom = "open";

/** A drop room as the hub knows it: a name that no other page uses. */
export function filesRoom(room: string): string {
  return `files/${room}`;
}
