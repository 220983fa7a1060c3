// The bounds of the one hub that all pages share. What is left out keeps the hub's own default.
import type { HubLimits, TransportLimits } from "@tidewire/hub";

export const hubLimits: Partial<HubLimits> = {
  // A machine that also runs a browser: 10,000 sessions are about 200 MB when quiet.
  sessions: 10_000,
  // A classroom, or a script with thousands of players, comes from one address at once.
  hellosPerSecond: 500,
  hellosBurst: 10_000,
  waitingLinksPerAddress: 5_000,
  // After a restart each of them comes with the secret of a session that is no more. Guessing one of
  // 128 bits is hopeless at any rate.
  wrongSecretsPerSecond: 500,
  wrongSecretsBurst: 10_000,
};

export const transportLimits: Partial<TransportLimits> = {
  // The same crowd over long polling: when a question is asked, everybody's poll is answered and comes
  // again, and when it is over once more; each answer to it is a POST.
  requestsPerSecond: 20_000,
  requestsBurst: 40_000,
};

/** Kept logs of rooms; the one used longest ago is forgotten first. */
export const logsMax = 500;

/** How long clients may take to say goodbye. Ctrl-C shall be done within two seconds. */
export const goodbyeMs = 1_000;

/** Connections are let go over this time when the server stops. */
export const drainMs = 300;
