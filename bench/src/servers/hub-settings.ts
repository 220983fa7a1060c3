// What a hub under test is told. What it does is the same in all of them: it says an event `echo`
// back, answers the request `ask` with what came, tells everybody in `room` what was said, and answers
// `links` with how many clients are connected.

export interface HubSettings {
  /** Keeps what was said so that clients can go on after a cut, where that is an option. */
  readonly recovery: boolean;
  /** Rooms of each session besides `room`, of 1,000 that there are. */
  readonly rooms: number;
  /** Whether `room` keeps a history (Tidewire). */
  readonly history: boolean;
  /** Most entries of a session that wait for their acknowledgement (Tidewire); undefined: default. */
  readonly retained: number | undefined;
  /** Tidewire: go under the streams of `node:net`. Default false. */
  readonly directIo?: boolean | undefined;
}

/** Rooms of the session with this number. */
export function roomsOf(index: number, count: number): string[] {
  return Array.from({ length: count }, (_, k) => `room-${(index + 17 * k) % 1000}`);
}

export function readHubSettings(): HubSettings {
  return JSON.parse(process.argv[2] ?? "{}") as HubSettings;
}

/** Node closes idle connections of HTTP after five seconds: rounds of others take longer. */
export const keepAliveMs: number = 15 * 60_000;
