// A hub on a real port, beside the page that talks to it.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Hub, type HubOptions, type Position } from "@tidewire/hub";
import { attach } from "@tidewire/hub/node";
import { onTestFinished } from "vitest";

const html = `<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>`;

/** A crowd behind one address, which sends faster than people do. */
export const roomyLimits = {
  eventsPerSecond: 10_000,
  eventsBurst: 10_000,
  bytesPerSecond: 1_000_000_000,
  bytesBurst: 1_000_000_000,
} as const;

export interface Site {
  readonly hub: Hub;
  readonly port: number;
  /** What was reported as an error. */
  readonly errors: unknown[];
  /** Numbers of each session in the order in which they were handled. */
  readonly up: Map<string, number[]>;
  stop(): Promise<void>;
}

/** Serves until it is stopped, at the latest when the test is over. */
export async function serveSite(
  scripts: ReadonlyMap<string, string>,
  options: HubOptions = {},
): Promise<Site> {
  const errors: unknown[] = [];
  const hub = new Hub({
    limits: roomyLimits,
    rooms: () => ({ history: true }),
    onError: (error) => errors.push(error),
    ...options,
  });
  const up = speak(hub);
  const server = createServer((request, response) => {
    const script = scripts.get(request.url ?? "");
    if (script !== undefined) response.setHeader("Content-Type", "text/javascript").end(script);
    else response.setHeader("Content-Type", "text/html; charset=utf-8").end(html);
  });
  const attached = attach(hub, server, { failed: (error) => errors.push(error) });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= (async () => {
      await hub.close();
      await attached.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    })();
    return stopped;
  };
  onTestFinished(stop);
  return { hub, port: (server.address() as AddressInfo).port, errors, up, stop };
}

/** What the tests' programs say to each other. */
function speak(hub: Hub): Map<string, number[]> {
  const up = new Map<string, number[]>();
  hub.on("connect", async (peer) => {
    up.set(peer.id, []);
    peer.join("lobby");
    await hub.room("lobby").ready();
  });
  hub.on("up", (peer, number) => void up.get(peer.id)?.push(number as number));
  hub.handle("catchUp", async (peer, since) => {
    const { complete } = await peer.replay("lobby", since as Position);
    return complete;
  });
  return up;
}
