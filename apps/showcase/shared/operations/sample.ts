// What is measured of a server, all of it at one moment: a number for each field, or null where there
// was nothing to measure.
import * as v from "valibot";

export const sampleFields = [
  // Links now, by transport, and what lives with or without one.
  "linked",
  "sessions",
  "websocket",
  "sse",
  "stream",
  "long-polling",
  "polling",
  "rooms",
  "memberships",
  // Per second, since the sample before.
  "events",
  "requests",
  "deliveries",
  "linksOpened",
  "linksClosed",
  "linksRefused",
  "volatileDropped",
  "refused",
  "failed",
  // Milliseconds: over the linked sessions; over the calls since the sample before.
  "roundTripP50",
  "roundTripP90",
  "roundTripP99",
  "handlerP50",
  "handlerP99",
  // What waits.
  "retainedBytes",
  "retainedEntries",
  "inbox",
  "asked",
  "streams",
  // Bytes of this process.
  "rss",
  "heapUsed",
  "external",
  // Milliseconds by which the event loop was late; parts of a processor's time.
  "loopP50",
  "loopP99",
  "loopMax",
  "cpu",
  "loopBusy",
] as const;

export type SampleField = (typeof sampleFields)[number];

const entries = <Schema>(schema: Schema) =>
  Object.fromEntries(sampleFields.map((field) => [field, schema])) as Record<SampleField, Schema>;

const time = v.number();
const figure = v.nullable(v.number());

export const sampleSchema = v.object({ at: time, ...entries(figure) });

/** The same as columns, the oldest first: a history is sent without saying every name each time. */
export const historySchema = v.object({ at: v.array(time), ...entries(v.array(figure)) });

/** `at` is the server's time: milliseconds as of `Date.now()`, but never going back. */
export type Sample = v.InferOutput<typeof sampleSchema>;
export type History = v.InferOutput<typeof historySchema>;

export function toHistory(samples: readonly Sample[]): History {
  const column = (field: keyof Sample) => samples.map((sample) => sample[field]);
  const columns = ["at" as const, ...sampleFields].map((field) => [field, column(field)]);
  return Object.fromEntries(columns) as History;
}

export function toSamples(history: History): Sample[] {
  return history.at.map((at, index) => {
    const entries = sampleFields.map((field) => [field, history[field][index] ?? null]);
    return { ...Object.fromEntries(entries), at } as Sample;
  });
}

/** Adds a sample at the end, and lets those go that are too old or too many. */
export function extend(samples: Sample[], sample: Sample, ageMs: number, max: number): void {
  samples.push(sample);
  let gone = Math.max(0, samples.length - max);
  while (gone < samples.length - 1 && samples[gone]!.at < sample.at - ageMs) gone += 1;
  if (gone > 0) samples.splice(0, gone);
}
