/** The examples run as a user runs them: as programs, on the built packages. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { Channel, closeOf, nextMessage, openClient, refusedClient } from "./started.js";

interface Example {
  readonly child: ChildProcess;
  readonly url: string;
  readonly lines: Channel<string>;
  readonly exited: Promise<number | null>;
}

/** Starts an example on a free port and waits for the line that tells where it is. */
async function startExample(name: string): Promise<Example> {
  const path = fileURLToPath(new URL(`../../../../examples/${name}.mjs`, import.meta.url));
  const child = spawn(process.execPath, [path], {
    env: { ...process.env, PORT: "0" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  const lines = new Channel<string>();
  createInterface({ input: child.stdout! }).on("line", lines.put);
  const first = await lines.take();
  return { child, url: first.slice(first.indexOf("ws://")), lines, exited };
}

async function stop({ child, exited }: Example): Promise<void> {
  child.kill("SIGINT");
  expect(await exited).toBe(0);
}

test("echo", async () => {
  const example = await startExample("echo");
  const client = await openClient(example.url);
  client.send("Hello 🌊");
  expect(await nextMessage(client)).toBe("Hello 🌊");
  const closed = closeOf(client);
  await stop(example);
  expect((await closed).code).toBe(1001);
});

test("rooms", async () => {
  const example = await startExample("rooms");
  const { url } = example;
  expect((await refusedClient(`${url}?room=tea&token=mallory`)).status).toBe(401);
  expect((await refusedClient(`${url}?token=ada`)).status).toBe(400);
  const heard = new Channel<string>();
  const ada = await openClient(`${url}?room=tea&token=ada`);
  ada.on("message", (data) => heard.put(String(data)));
  const grace = await openClient(`${url}?room=tea&token=grace`);
  await openClient(`${url}?room=coffee&token=grace`);
  grace.send("milk first");
  const lines: string[] = [];
  while (lines.at(-1) !== "Grace: milk first") lines.push(await heard.take());
  expect(lines.slice(-2)).toEqual(["Grace is here", "Grace: milk first"]);
  grace.close();
  expect(await heard.take()).toBe("Grace has left");
  const page = await fetch(url.replace("ws:", "http:").replace("/chat", "/"));
  expect(await page.text()).toContain("/chat");
  await stop(example);
});

test("broadcast", async () => {
  const example = await startExample("broadcast");
  const clients = [
    await openClient(example.url),
    await openClient(example.url, { perMessageDeflate: true }),
  ];
  const received = clients.map((client) => nextMessage(client));
  const quote = "All work and no play. ".repeat(200);
  example.child.stdin!.write(`${quote}\n`);
  expect(await Promise.all(received)).toEqual([quote, quote]);
  expect(await example.lines.take()).toBe("sent to 2, refused by 0");
  await stop(example);
});
