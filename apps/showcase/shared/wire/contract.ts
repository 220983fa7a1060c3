// What the inspector and the server say to each other. `wire.inspect` and `wire.say` travel on the
// connection that is looked at; all else on a second one, so that reports are not reported.
import { defineContract } from "@tidewire/session-protocol";
import * as v from "valibot";
import { sayBytesMax, sayCharactersMax } from "./limits.js";

const bytesSchema = v.custom<Uint8Array>((value) => value instanceof Uint8Array);
const countSchema = v.pipe(v.number(), v.integer(), v.minValue(0));
/** Made by the sender, so that it knows its own again. */
const idSchema = v.pipe(v.string(), v.regex(/^[0-9a-z-]{1,40}$/));

const sayingSchema = v.object({
  id: idSchema,
  text: v.optional(v.pipe(v.string(), v.maxLength(sayCharactersMax))),
  bytes: v.optional(
    v.pipe(
      bytesSchema,
      v.check(({ length }) => length <= sayBytesMax, `At most ${sayBytesMax} bytes.`),
    ),
  ),
});

const countsSchema = v.object({
  /** Entries that the server has sent, or keeps to be sent. */
  sent: countSchema,
  /** Of these, how many the page has acknowledged. */
  acknowledged: countSchema,
  /** Entries of the page that the server has received. */
  received: countSchema,
  /** Entries that the server retains until they are acknowledged. */
  retained: countSchema,
});

/** A link of the session that is looked at. */
const linkSchema = v.object({
  type: v.literal("link"),
  link: countSchema,
  at: v.number(),
  /** `specimen`: it is no link, but the compressed echo beside the session. */
  transport: v.string(),
  /** Of a WebSocket: its handshake, secrets masked. */
  handshake: v.optional(
    v.object({
      request: v.string(),
      response: v.string(),
      /** Whether the request is, byte for byte, as long as what the socket has counted. */
      isCounted: v.boolean(),
      /** Bytes of the request, as the socket has counted them; undefined where it cannot. */
      requestBytes: v.optional(countSchema),
      secure: v.boolean(),
    }),
  ),
  /** Whether it is looked at since its first byte. */
  isWhole: v.boolean(),
});

const frameSchema = v.object({
  type: v.literal("frame"),
  link: countSchema,
  /** Among all of this inspection. */
  number: countSchema,
  at: v.number(),
  direction: v.picklist(["up", "down"]),
  /** The header's bytes, as on the line. */
  header: bytesSchema,
  /** The beginning of the payload, unmasked, secrets masked. */
  payload: bytesSchema,
  /** The beginning of what a compressed payload is when inflated, and how long that is. */
  inflated: v.optional(bytesSchema),
  inflatedLength: v.optional(countSchema),
  /** The type of the packet in it, when there is one. */
  packet: v.optional(v.string()),
  /** The place in its log, when it is an entry. */
  position: v.optional(countSchema),
  /** Secrets in it were overwritten. */
  isRedacted: v.optional(v.literal(true)),
  /** It was sent into a dead line. */
  isLost: v.optional(v.literal(true)),
});

const endSchema = v.object({
  type: v.literal("end"),
  link: countSchema,
  at: v.number(),
  isCut: v.boolean(),
  counts: countsSchema,
});

const reportSchema = v.object({
  items: v.array(v.variant("type", [linkSchema, frameSchema, endSchema])),
  /** Frames that were not reported since the last report: there were too many. */
  omitted: countSchema,
  counts: countsSchema,
});

export const wireContract = defineContract({
  client: {
    /** Asks for a ticket to look at this very session; it is good once, and for half a minute. */
    "wire.inspect": { reply: v.object({ ticket: v.string() }) },
    /** Says something, to see it on the line; it comes back as `wire.said`. */
    "wire.say": { data: sayingSchema },
    /** From another session: wants the reports of the one that the ticket is of. */
    "wire.watch": {
      data: v.object({ ticket: v.pipe(v.string(), v.maxLength(100)) }),
      reply: v.object({ session: v.string() }),
    },
    "wire.unwatch": {},
    /** Cuts the line of the session that is looked at. First nothing passes any more, then it breaks. */
    "wire.cut": { data: v.object({ id: idSchema }), reply: v.object({ isDead: v.boolean() }) },
    /** Asks for a ticket to the compressed echo, which is then looked at as well. */
    "wire.specimen": { reply: v.object({ ticket: v.optional(v.string()) }) },
    /** Puts a Ping frame on the line, to be answered by the browser itself. */
    "wire.ping": { reply: v.object({ isSent: v.boolean() }) },
  },
  server: {
    "wire.said": { data: sayingSchema },
    "wire.report": { data: reportSchema },
    /** There is nothing more to report: the session is over, or somebody else looks at it. */
    "wire.over": {},
  },
});

export type Saying = v.InferOutput<typeof sayingSchema>;
export type Counts = v.InferOutput<typeof countsSchema>;
export type LinkItem = v.InferOutput<typeof linkSchema>;
export type FrameItem = v.InferOutput<typeof frameSchema>;
export type EndItem = v.InferOutput<typeof endSchema>;
export type Report = v.InferOutput<typeof reportSchema>;
export type ReportItem = Report["items"][number];
