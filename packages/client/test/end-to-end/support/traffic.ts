// Numbered messages, both ways at once, and what has to have become of them.

import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { Site } from "./site.js";

/** Messages of one step, each way. */
const stepSize = 10;

export interface Traffic {
  readonly sent: number;
  /** Sends the next messages: the page's own, and the hub's to the page. */
  step(): Promise<void>;
  /** Resolves when all have arrived, once and in order, on both ends. */
  arrived(): Promise<void>;
}

export async function startTraffic(site: Site, page: Page): Promise<Traffic> {
  const id = await page.evaluate(async () => {
    const client = globalThis.page.client!;
    await client.ready();
    return client.session!;
  });
  const peer = site.hub.peer(id)!;
  let sent = 0;
  return {
    get sent() {
      return sent;
    },
    async step() {
      await page.evaluate((count) => globalThis.page.send(count), stepSize);
      for (const end = sent + stepSize; sent < end; sent += 1) peer.emit("down", sent);
    },
    async arrived() {
      const numbers = Array.from({ length: sent }, (_, number) => number);
      await page.waitForFunction((count) => globalThis.page.down.length >= count, sent);
      await expect
        .poll(() => site.up.get(id)!.length, { timeout: 30_000 })
        .toBeGreaterThanOrEqual(sent);
      expect(site.up.get(id)).toEqual(numbers);
      expect(await page.evaluate(() => globalThis.page.down)).toEqual(numbers);
      expect(await page.evaluate(() => globalThis.page.client!.session)).toBe(id);
      expect(await page.evaluate(() => [globalThis.page.lost, globalThis.page.errors])).toEqual([
        [],
        [],
      ]);
    },
  };
}
