// What the charts show, in the order of the questions that somebody who is called at night has: how
// much, how fast, what piles up, what is lost, how the process fares.
import type { SampleField } from "../../../shared/operations/sample.js";
import { transportNames } from "../../session/transports.js";
import { bytes, count, type Format, milliseconds, part, perSecond } from "./format.js";

export interface Line {
  readonly field: SampleField;
  readonly label: string;
}

export interface ChartSpec {
  readonly title: string;
  /** What is counted, in a few words. */
  readonly hint: string;
  readonly format: Format;
  /** The large figure. Default: the first line. */
  readonly headline?: SampleField;
  readonly lines: readonly Line[];
  /** A figure of another scale, which is not drawn. */
  readonly beside?: Line & { readonly format: Format };
  /** The top of an empty scale. */
  readonly atLeast: number;
}

const shortNames = {
  websocket: "WebSocket",
  sse: "SSE",
  stream: "streaming",
  "long-polling": "long polling",
  polling: "polling",
} as const;

export const chartSpecs: readonly ChartSpec[] = [
  {
    title: "Connections",
    hint: "links now, by transport",
    format: count,
    headline: "linked",
    lines: transportNames.map((field) => ({ field, label: shortNames[field] })),
    atLeast: 4,
  },
  {
    title: "Sessions and rooms",
    hint: "with a link or without",
    format: count,
    lines: [
      { field: "sessions", label: "sessions" },
      { field: "rooms", label: "rooms" },
      { field: "memberships", label: "memberships" },
    ],
    atLeast: 4,
  },
  {
    title: "Messages",
    hint: "received and delivered",
    format: perSecond,
    lines: [
      { field: "deliveries", label: "deliveries" },
      { field: "events", label: "events" },
      { field: "requests", label: "requests" },
    ],
    atLeast: 4,
  },
  {
    title: "Links",
    hint: "opened, closed, refused",
    format: perSecond,
    lines: [
      { field: "linksOpened", label: "opened" },
      { field: "linksClosed", label: "closed" },
      { field: "linksRefused", label: "refused" },
    ],
    atLeast: 2,
  },
  {
    title: "Round trip",
    hint: "of linked sessions",
    format: milliseconds,
    lines: [
      { field: "roundTripP50", label: "median" },
      { field: "roundTripP90", label: "p90" },
      { field: "roundTripP99", label: "p99" },
    ],
    atLeast: 1,
  },
  {
    title: "Handlers",
    hint: "per event or request",
    format: milliseconds,
    lines: [
      { field: "handlerP50", label: "median" },
      { field: "handlerP99", label: "p99" },
    ],
    atLeast: 0.2,
  },
  {
    title: "Unacknowledged",
    hint: "kept until it arrived",
    format: bytes,
    lines: [{ field: "retainedBytes", label: "bytes" }],
    beside: { field: "retainedEntries", label: "messages", format: count },
    atLeast: 1_024,
  },
  {
    title: "Queues",
    hint: "what waits, of all sessions",
    format: count,
    lines: [
      { field: "inbox", label: "for handlers" },
      { field: "asked", label: "for answers" },
      { field: "streams", label: "open streams" },
    ],
    atLeast: 4,
  },
  {
    title: "Drops",
    hint: "not delivered, or not taken",
    format: perSecond,
    lines: [
      { field: "volatileDropped", label: "volatile dropped" },
      { field: "refused", label: "refused" },
      { field: "failed", label: "handlers failed" },
    ],
    atLeast: 2,
  },
  {
    title: "Memory",
    hint: "of the server's process",
    format: bytes,
    lines: [
      { field: "rss", label: "resident" },
      { field: "heapUsed", label: "heap" },
      { field: "external", label: "external" },
    ],
    atLeast: 1_024 ** 2,
  },
  {
    title: "Event-loop delay",
    hint: "how late timers are",
    format: milliseconds,
    headline: "loopP99",
    lines: [
      { field: "loopP50", label: "median" },
      { field: "loopP99", label: "p99" },
      { field: "loopMax", label: "max" },
    ],
    atLeast: 5,
  },
  {
    title: "Processor",
    hint: "of one core",
    format: part,
    lines: [
      { field: "cpu", label: "process" },
      { field: "loopBusy", label: "event loop" },
    ],
    atLeast: 0.1,
  },
];
