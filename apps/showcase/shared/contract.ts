// What pages and server say to each other: the contracts of all pages as one. The names of a page
// begin with its own, so that no two can collide.
import { defineContract } from "@tidewire/session-protocol";
import { chatContract } from "./chat/contract.js";
import { startContract } from "./start/contract.js";

export const contract = defineContract({
  /** What a page may send. */
  client: {
    ...startContract.client,
    ...chatContract.client,
  },
  /** What the server may send. */
  server: {
    ...startContract.server,
    ...chatContract.server,
  },
  /** Streams and files, in both directions. */
  streams: {},
});

export type ShowcaseContract = typeof contract;
