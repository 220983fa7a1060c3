// zlib writes every message to the same memory: what applications get must not lie there.
import {
  Connection,
  type ConnectionListener,
  type DeflateSession,
  resolveLimits,
} from "@tidewire/ws-protocol";
import { describe, expect, it } from "vitest";
import { arena, nodePlatform } from "../../src/node-platform.js";
import { createNoise, createRandom, createText, openPair, TAKEOVER, WAYS } from "./session-kit.js";

type Role = "client" | "server";

/** One end, and everything it was given, kept as it came. */
class End {
  readonly messages: (string | Uint8Array)[] = [];
  readonly connection: Connection;
  onReady: () => void = () => {};

  constructor(role: Role, deflate: DeflateSession, textAsBytes: boolean) {
    const nothing = (): void => {};
    const listener: ConnectionListener = {
      onMessage: (data) => void this.messages.push(data),
      onPiece: nothing,
      onPing: nothing,
      onPong: nothing,
      onClose: nothing,
      onFault: ({ detail }) => expect.unreachable(detail),
      onReady: () => this.onReady(),
    };
    this.connection = new Connection(
      {
        role,
        platform: nodePlatform,
        arena,
        limits: resolveLimits(),
        deflate,
        textAsBytes,
        keepalive: { pingIntervalMs: 0 },
      },
      listener,
      0,
    );
  }

  /** What is to be sent now, as the wire would have it: in memory of its own. */
  take(): Buffer {
    const output = this.connection.takeOutput() ?? [];
    const bytes = Buffer.concat(Array.isArray(output) ? output : [output]);
    arena.recycle();
    return bytes;
  }
}

describe.each(WAYS)(
  "RFC 7692 §7.2: what was delivered, and sent, stays as it is, %s",
  (_, ...given) => {
    it.each([
      ["strings", false],
      ["bytes", true],
    ])("in both roles, text as %s", async (_title, textAsBytes) => {
      for (const sender of ["server", "client"] as const) {
        const random = createRandom(23);
        const [budget, options] = given;
        const pair = openPair(TAKEOVER, budget, { ...options, thresholdBytes: 0 });
        const receiver = sender === "server" ? "client" : "server";
        const from = new End(sender, pair[sender], textAsBytes);
        const to = new End(receiver, pair[receiver], textAsBytes);
        const sent: Buffer[] = [];
        const arrived = new Promise<void>((resolve) => {
          const move = (): void => {
            to.connection.receive(from.take(), 0);
            if (to.messages.length === sent.length) resolve();
          };
          from.onReady = move;
          to.onReady = move;
          // Those that are short enough wait side by side, in one chunk.
          for (const size of [0, 40, 900, 5000, 5400, 5500, 16_000, 16_300, 17_000, 70_000, 900]) {
            const text = `${createText(size, random)} é`;
            const bytes = createNoise(size, random);
            sent.push(Buffer.from(text), Buffer.from(bytes), createText(size, random));
            from.connection.sendText(text);
            from.connection.sendBinary(bytes);
            from.connection.sendText(sent.at(-1)!.toString());
          }
          move();
        });
        await arrived;
        for (const [index, message] of to.messages.entries()) {
          expect(Buffer.from(message as string).equals(sent[index]!), `message ${index}`).toBe(
            true,
          );
        }
        pair.close();
      }
    });
  },
);
