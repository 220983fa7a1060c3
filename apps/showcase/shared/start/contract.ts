// What the start page is told: how busy this very server is, once a second.
import { defineContract } from "@tidewire/session-protocol";
import * as v from "valibot";

const figuresSchema = v.object({
  /** Sessions that have a link now. */
  connections: v.number(),
  byTransport: v.record(v.string(), v.number()),
  /** Messages that the server received and delivered in the last second. */
  messagesPerSecond: v.number(),
});

export const startContract = defineContract({
  client: {
    /** Wants the figures from now on, and gets the latest at once. */
    "start.watch": { reply: figuresSchema },
    "start.unwatch": {},
  },
  server: {
    /** Volatile: the next one comes in a second. */
    "start.figures": { data: figuresSchema },
  },
});

export type Figures = v.InferOutput<typeof figuresSchema>;
