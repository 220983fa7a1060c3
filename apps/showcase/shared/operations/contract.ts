// What the operations page and the server say to each other. Everything but `operations.unlock` is
// answered with the failure `locked` to sessions that did not show the token.
import { defineContract } from "@tidewire/session-protocol";
import * as v from "valibot";
import { drainMsMax, drainMsMin, drainWord, searchMax, tokenMax } from "./limits.js";
import { historySchema, sampleSchema } from "./sample.js";

export const sessionSorts = [
  "since",
  "transport",
  "address",
  "rooms",
  "roundTripMs",
  "retainedBytes",
  "received",
  "sent",
] as const;

const wholeNumber = v.pipe(v.number(), v.integer(), v.minValue(0));
const id = v.pipe(v.string(), v.maxLength(128));

const transportSchema = v.picklist(["websocket", "sse", "stream", "long-polling", "polling"]);

export const questionSchema = v.object({
  /** Part of an id, a user, an address, a transport or a room; of each word. Empty: all. */
  search: v.pipe(v.string(), v.maxLength(searchMax)),
  sort: v.picklist(sessionSorts),
  descending: v.boolean(),
  /** From 0; one beyond the last is answered with the last. */
  page: v.pipe(wholeNumber, v.maxValue(1_000_000)),
});

const rowEntries = {
  id: v.string(),
  user: v.optional(v.string()),
  transport: transportSchema,
  address: v.string(),
  isLinked: v.boolean(),
  /** When it began, in milliseconds of the server's `Date.now()`. */
  since: v.number(),
  rooms: v.number(),
  roundTripMs: v.optional(v.number()),
  retainedBytes: v.number(),
  received: v.number(),
  sent: v.number(),
};

const rowSchema = v.object(rowEntries);

const answerSchema = v.object({
  rows: v.array(rowSchema),
  page: v.number(),
  /** Sessions that there are, and those that the search finds. */
  total: v.number(),
  found: v.number(),
  /** The server's time. */
  now: v.number(),
});

const detailsSchema = v.object({
  ...rowEntries,
  now: v.number(),
  origin: v.optional(v.string()),
  /** Links so far, and when the latest began or ended. */
  links: v.number(),
  linkChangedAt: v.number(),
  acknowledged: v.number(),
  retainedEntries: v.number(),
  roomNames: v.array(v.string()),
  /** What waits in its inbox, what is being handled, what it was asked, streams. */
  inbox: v.number(),
  handling: v.number(),
  asked: v.number(),
  streams: v.number(),
  /** What it called last, the latest first: names alone, never what was said. */
  calls: v.array(
    v.object({
      type: v.picklist(["event", "request", "stream"]),
      name: v.string(),
      at: v.number(),
    }),
  ),
  /** Whether it may use this page. */
  isOperator: v.boolean(),
});

const drainSchema = v.object({
  startedAt: v.number(),
  overMs: v.number(),
  /** Links at its beginning, and now. */
  total: v.number(),
  left: v.number(),
});

export const operationsContract = defineContract({
  client: {
    /** Fails with `wrong-token`; with `limited` and `{ retryInMs }` after too many of these. */
    "operations.unlock": { data: v.pipe(v.string(), v.maxLength(tokenMax)), reply: v.null() },
    /** Gives it up: this session is like any other again. */
    "operations.lock": { reply: v.null() },
    /** Wants samples from now on, and gets those of the past. */
    "operations.watch": {
      reply: v.object({ history: historySchema, drain: v.optional(drainSchema) }),
    },
    "operations.unwatch": { reply: v.null() },
    "operations.sessions": { data: questionSchema, reply: answerSchema },
    /** Fails with `gone`. */
    "operations.session": { data: id, reply: detailsSchema },
    /** Ends a session for good. Fails with `gone`. */
    "operations.disconnect": { data: id, reply: v.null() },
    /** Lets all links go over a time. There is no way back. */
    "operations.drain": {
      data: v.object({
        overMs: v.pipe(v.number(), v.integer(), v.minValue(drainMsMin), v.maxValue(drainMsMax)),
        confirm: v.literal(drainWord),
      }),
      reply: drainSchema,
    },
  },
  server: {
    /** Volatile: the next one comes in a second. */
    "operations.sample": {
      data: v.object({ sample: sampleSchema, drain: v.optional(drainSchema) }),
    },
  },
});

export type SessionSort = (typeof sessionSorts)[number];
export type SessionQuestion = v.InferOutput<typeof questionSchema>;
export type SessionRow = v.InferOutput<typeof rowSchema>;
export type SessionAnswer = v.InferOutput<typeof answerSchema>;
export type SessionDetails = v.InferOutput<typeof detailsSchema>;
export type DrainProgress = v.InferOutput<typeof drainSchema>;
