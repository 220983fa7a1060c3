// What the lab's page and the server say to each other about a run, and the words on the links that
// are measured.
import { defineContract } from "@tidewire/session-protocol";
import * as v from "valibot";
import { pollIntervalMsMax, pollIntervalMsMin, rateMax, sizeMax } from "./limits.js";

/** In the order in which they were invented. */
export const labTransports = ["polling", "long-polling", "stream", "sse", "websocket"] as const;

export const labTasks = ["push", "echo"] as const;

const wholeNumber = (min: number, max: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));

const transportSchema = v.picklist(labTransports);

export const settingsSchema = v.object({
  /** The server pushes; or the page asks and the server answers. */
  task: v.picklist(labTasks),
  /** Messages per second on each transport. */
  rate: wholeNumber(1, rateMax),
  /** Characters of text in each message. */
  size: wholeNumber(0, sizeMax),
  /** Pause between two short polls. */
  pollIntervalMs: wholeNumber(pollIntervalMsMin, pollIntervalMsMax),
});

/** Bytes on the socket, headers and framing included, as the server counts them. */
const wireSchema = v.object({
  up: v.number(),
  down: v.number(),
  requests: v.number(),
});

const countsSchema = v.object({
  transport: transportSchema,
  total: wireSchema,
  /** The part of it that came before the first message. */
  setup: wireSchema,
  /** Notifications pushed, or questions answered. */
  messages: v.number(),
});

const cpuSchema = v.object({
  settings: settingsSchema,
  transport: transportSchema,
  state: v.picklist(["measuring", "done", "failed"]),
  /** CPU time of the server per message, in microseconds; when done. */
  micros: v.optional(v.number()),
});

export const labContract = defineContract({
  client: {
    /** Begins a run in place of the one before. Answers the name that its links go by. */
    "lab.open": {
      data: v.object({
        settings: settingsSchema,
        transports: v.pipe(v.array(transportSchema), v.minLength(1), v.maxLength(5)),
      }),
      reply: v.object({ run: v.string() }),
    },
    /** Ends it, and its links. */
    "lab.close": {},
    /** The server's clock: milliseconds since any origin. */
    "lab.clock": { reply: v.number() },
    /** Wants the server's CPU time per message. The figures come as `lab.cpu`. */
    "lab.measure": { data: settingsSchema },
  },
  server: {
    /** Volatile: the next ones come in a moment. */
    "lab.figures": { data: v.array(countsSchema) },
    "lab.cpu": { data: cpuSchema },
  },
});

/** The links that are measured speak this, and nothing else. */
export const linkContract = defineContract({
  client: {
    /** From now on it counts. */
    begin: {},
    echo: {
      data: v.pipe(v.string(), v.maxLength(sizeMax)),
      reply: v.string(),
    },
  },
  server: {
    push: { data: v.object({ at: v.number(), text: v.string() }) },
  },
});

export type LinkContract = typeof linkContract;
export type LabTransport = (typeof labTransports)[number];
export type LabTask = (typeof labTasks)[number];
export type LabSettings = v.InferOutput<typeof settingsSchema>;
export type WireCounts = v.InferOutput<typeof wireSchema>;
export type LineCounts = v.InferOutput<typeof countsSchema>;
export type CpuFigure = v.InferOutput<typeof cpuSchema>;
