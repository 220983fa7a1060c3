// Somebody who knows the protocol and does not keep to it, on any transport.

import { type Bye, type Hello, jsonCodec, type Packet } from "@tidewire/session-protocol";
import { WebSocket } from "@tidewire/websocket";
import { batchFor, lines, openLink, packetsOf, post } from "../transports/served.js";

export type Welcome = Extract<Packet, { type: "welcome" }>;
export const attackedTransports = ["websocket", "sse", "stream", "poll"] as const;
export type AttackedTransport = (typeof attackedTransports)[number];

/** How a hello was answered. */
export interface Knocked {
  readonly answer: Welcome | Bye | undefined;
  /** Sends a line behind the welcome; answers the code with which the link then ends. */
  attack(line: string): Promise<number>;
  hangUp(): void;
}

/** Says hello; the first packet that comes back, if one does. */
export async function knock(
  base: string,
  transport: AttackedTransport,
  hello: object,
  headers: Record<string, string> = {},
): Promise<Knocked> {
  if (transport === "websocket") return await knockSocket(base, hello, headers);
  if (transport === "poll") {
    const { packets } = await post(`${base}/poll`, lines(hello), { headers });
    const answer = packets[0] as Welcome | Bye;
    return { answer, attack: (line) => send(base, answer, line, headers), hangUp: () => {} };
  }
  const link = await openLink(base, transport, hello as Hello, headers);
  const first = await link.next();
  if (link.response.status !== 200) {
    return { answer: packetsOf(link.text())[0] as Bye, attack: never, hangUp: link.abort };
  }
  const answer = first as Welcome;
  return {
    answer,
    async attack(line) {
      await send(base, answer, line, headers);
      return (await link.until("bye")).code;
    },
    hangUp: link.abort,
  };
}

async function knockSocket(
  base: string,
  hello: object,
  headers: Record<string, string>,
): Promise<Knocked> {
  const socket = new WebSocket(base.replace("http", "ws"), "tidewire.v1.json", { headers });
  const closed = new Promise<number>((resolve) => {
    socket.addEventListener("close", ({ code }) => resolve(code));
  });
  const answer = await new Promise<Welcome | Bye>((resolve, reject) => {
    socket.addEventListener("open", () => void socket.send(JSON.stringify(hello)));
    socket.addEventListener("error", reject);
    socket.addEventListener("message", ({ data }) => {
      resolve(jsonCodec.decode(String(data)) as Welcome | Bye);
    });
  });
  return {
    answer,
    attack(line) {
      void socket.send(line);
      return closed;
    },
    hangUp: () => socket.terminate(),
  };
}

/** One POST behind the welcome; answers the code of the `bye` that it is answered with. */
async function send(
  base: string,
  welcome: Knocked["answer"],
  line: string,
  headers: Record<string, string>,
): Promise<number> {
  const batch = lines(batchFor(welcome as Welcome, { position: 0 }));
  const { packets } = await post(`${base}/send`, `${batch}${line}\n`, { headers });
  const bye = packets.find(({ type }) => type === "bye") as Bye | undefined;
  return bye?.code ?? 0;
}

function never(): Promise<number> {
  throw new Error("there is no link to attack by");
}
