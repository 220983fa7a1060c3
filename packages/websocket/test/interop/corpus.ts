/** What is sent to a peer that echoes, and how its answers are judged. */
import type { Socket } from "@tidewire/websocket";
import { expect } from "vitest";

const MEBIBYTE = 1024 * 1024;

/** The largest message of the corpus, so that both ends can be told to allow it. */
export const LARGEST_BYTES: number = 16 * MEBIBYTE;

const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte);

/** Messages by name: text with emoji, all byte values, the borders of the length forms, 16 MiB. */
export const CORPUS: readonly (readonly [string, string | Uint8Array])[] = [
  ["empty text", ""],
  ["empty binary", new Uint8Array(0)],
  ["text with emoji", "Grüße 👋🏽 from 日本, 🇳🇱 and \u{10ffff}"],
  ["text with control characters", "\0\u0001\u001f\u007f\r\n\t"],
  ["every byte value", ALL_BYTES],
  ...[125, 126, 127, 65_535, 65_536].flatMap((size) => [
    [`text of ${size} bytes`, "a".repeat(size)] as const,
    [`binary of ${size} bytes`, filled(size)] as const,
  ]),
  ["non-ASCII text over several reads", "žluťoučký kůň 🐎 ".repeat(20_000)],
  ["text of 1 MiB", "x".repeat(MEBIBYTE)],
  ["binary of 16 MiB", filled(LARGEST_BYTES)],
];

/** Sends the whole corpus, message by message, and expects each back, as it was. */
export async function expectEchoes(socket: Socket): Promise<void> {
  const messages = socket.messages();
  for (const [name, message] of CORPUS) {
    await socket.send(message);
    expectSame(name, (await messages.next()).value, message);
  }
  await messages.return();
}

/** Sends all but the largest at once, then expects them back in order. */
export async function expectEchoesInOrder(socket: Socket): Promise<void> {
  const messages = socket.messages();
  const sent = CORPUS.filter(([, { length }]) => length <= MEBIBYTE);
  for (const [, message] of sent) socket.send(message);
  for (const [name, message] of sent) expectSame(name, (await messages.next()).value, message);
  await messages.return();
}

/** Sends messages in fragments, with a ping between them, and expects them back whole. */
export async function expectFragmentsJoined(socket: Socket): Promise<void> {
  const messages = socket.messages();
  const text = ["emoji cut in half: \ud83d", "\udc4b and ", "", "the end"];
  const binary = [filled(10), new Uint8Array(0), filled(70_000), filled(1)];
  for (const parts of [text, binary]) {
    for (const [index, part] of parts.entries()) {
      await socket.sendFragment(part, { last: index === parts.length - 1 });
      socket.ping("between");
    }
  }
  expectSame("fragmented text", (await messages.next()).value, text.join(""));
  expectSame("fragmented binary", (await messages.next()).value, Buffer.concat(binary));
  await messages.return();
}

export function filled(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  // Neither constant nor random: compresses somewhat, and shows any shift.
  for (let i = 0; i < size; i++) bytes[i] = (i * 31 + (i >> 8)) & 0xff;
  return bytes;
}

function expectSame(name: string, got: unknown, sent: string | Uint8Array): void {
  if (typeof sent === "string") {
    expect(got === sent, `${name} came back changed`).toBe(true);
    return;
  }
  expect(got, name).toBeInstanceOf(Uint8Array);
  expect(Buffer.compare(got as Uint8Array, sent), `${name} came back changed`).toBe(0);
}
