import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { Hub } from "@tidewire/hub";
import { attach } from "@tidewire/hub/node";
import { expect, onTestFinished, test } from "vitest";

test("examples/client-chat.mjs says what it reads and shows what it hears", async () => {
  const hub = new Hub();
  hub.on("connect", (peer) => peer.join("lobby"));
  hub.handle("say", (peer, text) => hub.to("lobby").emit("said", { by: peer.id, text }));
  const server = createServer();
  const attached = attach(hub, server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    await attached.close();
    await hub.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  const path = fileURLToPath(new URL("../../../examples/client-chat.mjs", import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [path, `http://127.0.0.1:${port}/tidewire`]);
  onTestFinished(() => void child.kill());
  let printed = "";
  child.stdout?.on("data", (text) => {
    printed += text;
  });
  child.stderr?.on("data", (text) => {
    printed += text;
  });
  child.stdin?.write("hello\n");
  await expect.poll(() => printed, { timeout: 15_000 }).toContain("you: hello");
  expect(printed).toContain("* connected websocket");
  const exited = new Promise((resolve) => child.on("exit", resolve));
  child.stdin?.end();
  expect(await exited).toBe(0);
});
