/** What the README shows is true of the package as it is. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Arena, Connection, type Platform } from "../src/index.js";
import { RecordingListener } from "./support/recorder.js";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** The one of the section "A platform". */
function platformOfReadme(): Platform {
  const [, body] = /^```js\n(.*?)^```$/ms.exec(readme)!;
  return new Function(`${body} return platform;`)() as Platform;
}

test("the platform of the README carries messages of every kind, and a close, both ways", () => {
  const platform = platformOfReadme();
  const arena = new Arena(platform);
  const open = (role: "client" | "server") => {
    const listener = new RecordingListener();
    return { listener, connection: new Connection({ role, platform, arena }, listener, 0) };
  };
  const client = open("client");
  const server = open("server");
  const carry = (from: Connection, to: Connection): void => {
    const output = from.takeOutput() ?? [];
    for (const chunk of Array.isArray(output) ? output : [output]) to.receive(chunk.slice(), 0);
    arena.recycle();
  };
  const texts = [
    "short",
    "h\u00e9llo \u{1f389}",
    "\ufeffkept",
    "x".repeat(70_000),
    "\u00fc".repeat(9_000),
  ];
  for (const text of texts) {
    client.connection.sendText(text);
    server.connection.sendText(text);
  }
  client.connection.sendBinary(Uint8Array.of(0, 255));
  client.connection.close(1000, "done", 0);
  carry(client.connection, server.connection);
  carry(server.connection, client.connection);
  expect(server.listener.events).toMatchObject([
    ...texts.map((text) => ({ type: "text", text })),
    { type: "binary" },
    { type: "closed", info: { code: 1000, reason: "done" } },
  ]);
  expect(client.listener.events).toMatchObject([
    ...texts.map((text) => ({ type: "text", text })),
    { type: "closed", info: { code: 1000 } },
  ]);
  expect(server.connection.shouldEnd).toBe(true);
});
