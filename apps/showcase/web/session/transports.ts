// The transports by the names that people read, and the wish for some of them in the address:
// `?transports=sse,long-polling`.
import type { TransportName } from "@tidewire/client";

export interface TransportWords {
  readonly label: string;
  readonly explanation: string;
}

/** The best first, as the client tries them. */
export const transportWords: Readonly<Record<TransportName, TransportWords>> = {
  websocket: {
    label: "WebSocket",
    explanation: "One connection for both directions. The least bytes and the least delay.",
  },
  sse: {
    label: "Server-Sent Events",
    explanation: "An endless answer brings what the server says; what the page says goes by POST.",
  },
  stream: {
    label: "HTTP streaming",
    explanation: "The same, with the answer read piece by piece by fetch.",
  },
  "long-polling": {
    label: "Long polling",
    explanation:
      "Each request is answered when there is something to say. Passes almost any proxy.",
  },
  polling: {
    label: "Polling",
    explanation: "Asks every two seconds. The last resort: it always works, and it is late.",
  },
};

export const transportNames = Object.keys(transportWords) as readonly TransportName[];

export interface TransportWish {
  /** Undefined: all of them, the best first. */
  readonly transports: readonly TransportName[] | undefined;
  /** What in the address could not be followed; empty when there is nothing. */
  readonly problem: string;
}

/** @param search the query of the address */
export function readTransportWish(search: string): TransportWish {
  const text = new URLSearchParams(search).get("transports");
  if (text === null) return { transports: undefined, problem: "" };
  const words = [...new Set(text.split(",").map((word) => word.trim()))];
  const transports = words.filter(isTransportName);
  if (transports.length === words.length) return { transports, problem: "" };
  const unknown = words.find((word) => !isTransportName(word)) ?? "";
  const problem =
    `The address asks for the transport “${unknown.slice(0, 40)}”, which there is not. ` +
    `There are: ${transportNames.join(", ")}.`;
  return { transports: transports.length > 0 ? transports : undefined, problem };
}

function isTransportName(word: string): word is TransportName {
  return Object.hasOwn(transportWords, word);
}
