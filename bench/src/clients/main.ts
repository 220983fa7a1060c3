// A client library under test: many of its sockets, each sending and waiting for its answers. Obeys
// the same commands as the load process, so that the lab drives both alike.

import { type Deadline, measure } from "../load/driver.js";
import type { LoadAnswer, LoadCommand } from "../load/job.js";
import { createPayload } from "../payload.js";
import { clientLibraries, type TestClient } from "./libraries.js";

const connect = clientLibraries[process.argv[2] ?? ""];
if (connect === undefined) throw new Error(`No client "${process.argv[2]}".`);

const clients: TestClient[] = [];
let pending: (() => void)[] = [];
let peerPid = 0;
let message: string | Uint8Array = "";
let burst = 1;
let onMessage: (client: TestClient, data: unknown) => void = () => {};

process.on("message", (command: LoadCommand) => {
  obey(command).then(answer, (error: unknown) => {
    answer({ type: "failed", message: error instanceof Error ? error.message : String(error) });
  });
});
process.on("disconnect", () => process.exit(0));

function answer(text: LoadAnswer): void {
  process.send?.(text);
}

async function obey(command: LoadCommand): Promise<LoadAnswer> {
  if (command.type === "run") {
    const measured = await measure({ prepare, run }, command.seconds, peerPid);
    // The client is what is under test here, and the peer is the load.
    return {
      type: "measured",
      measured: { ...measured, server: measured.load, load: measured.server },
    };
  }
  const { job } = command;
  if (job.kind !== "echo") throw new Error("Clients are measured with echoes.");
  peerPid = job.serverPid;
  burst = job.burst;
  const payload = createPayload(job.payloadBytes);
  message = job.opcode === 1 ? payload.toString("latin1") : new Uint8Array(payload);
  for (let index = 0; index < job.connections; index += 1) {
    const url = `ws://127.0.0.1:${job.port}/`;
    clients.push(await connect!(url, (client, data) => onMessage(client, data)));
  }
  await prepare();
  return { type: "ready" };
}

/** One message per client, compared. */
async function prepare(): Promise<void> {
  for (const client of clients) {
    const data = await new Promise((resolve) => {
      onMessage = (_, received) => resolve(received);
      client.send(message);
    });
    const bytes = typeof data === "string" ? Buffer.from(data) : Buffer.from(data as Uint8Array);
    if (!bytes.equals(Buffer.from(message as string))) throw new Error("A wrong answer.");
  }
}

async function run(deadline: Deadline): Promise<number> {
  let count = 0;
  const awaited = new Map(clients.map((client) => [client, 0]));
  const sendAll = (client: TestClient): void => {
    awaited.set(client, burst);
    for (let index = 0; index < burst; index += 1) client.send(message);
  };
  onMessage = (client) => {
    count += 1;
    const left = awaited.get(client)! - 1;
    awaited.set(client, left);
    if (left > 0) return;
    if (!deadline.passed) sendAll(client);
    else pending.pop()?.();
  };
  const ends = clients.map(
    () =>
      new Promise<void>((resolve) => {
        pending.push(resolve);
      }),
  );
  for (const client of clients) sendAll(client);
  await Promise.all(ends);
  pending = [];
  return count;
}
