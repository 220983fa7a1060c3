// What pages and server say to each other: the contracts of all pages as one. The names of a page
// begin with its own, so that no two can collide.
import { defineContract } from "@tidewire/session-protocol";
import { chatContract } from "./chat/contract.js";
import { filesContract } from "./files/contract.js";
import { labContract } from "./lab/contract.js";
import { operationsContract } from "./operations/contract.js";
import { quizContract } from "./quiz/contract.js";
import { startContract } from "./start/contract.js";
import { wireContract } from "./wire/contract.js";

export const contract = defineContract({
  /** What a page may send. */
  client: {
    ...startContract.client,
    ...chatContract.client,
    ...filesContract.client,
    ...quizContract.client,
    ...labContract.client,
    ...wireContract.client,
    ...operationsContract.client,
  },
  /** What the server may send. */
  server: {
    ...startContract.server,
    ...chatContract.server,
    ...filesContract.server,
    ...quizContract.server,
    ...labContract.server,
    ...wireContract.server,
    ...operationsContract.server,
  },
  /** Streams and files, in both directions. */
  streams: {
    ...chatContract.streams,
    ...filesContract.streams,
  },
});

export type ShowcaseContract = typeof contract;
