// The network goes away in the middle of a thousand numbered messages each way, on every transport.

import { hasChromium, openBrowser } from "@tidewire/test-support";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPage } from "./support/browser.js";
import { buildPage } from "./support/build.js";
import { Network } from "./support/network.js";
import { serveSite } from "./support/site.js";
import { startTraffic } from "./support/traffic.js";

const isSlow = process.env["TIDEWIRE_SLOW"] === "1";
/** How long the network is away, ms. */
const awayMs = isSlow ? 20_000 : 3_000;
/** Of ten messages each way. */
const steps = 100;

const ways = [["websocket"], ["sse"], ["stream"], ["long-polling"], ["polling"]] as const;

describe.skipIf(!hasChromium())("Chromium, the network away", { timeout: awayMs + 60_000 }, () => {
  let browser: Browser;
  let scripts: ReadonlyMap<string, string>;
  beforeAll(async () => {
    [browser, scripts] = await Promise.all([openBrowser(), buildPage()]);
  });
  afterAll(() => browser.close());

  test.each([
    ["cut", "breaks every connection"],
    ["freeze", "swallows every byte and tells nobody"],
  ] as const)(
    "%s: a network that %s amid 1,000 messages each way; all arrive once, in order",
    async (kind, _way) => {
      const site = await serveSite(scripts);
      const network = await Network.to(site.port);
      const pages = await Promise.all(
        ways.map((transports) =>
          openPage(browser, network.port, {
            random: 0.05,
            ...(transports === undefined ? {} : { transports }),
          }),
        ),
      );
      const traffics = await Promise.all(pages.map((page) => startTraffic(site, page)));
      const step = (): Promise<unknown> => Promise.all(traffics.map((traffic) => traffic.step()));
      for (let done = 0; done < 30; done += 1) await step();
      network[kind]();
      const back = new Promise((resolve) => setTimeout(resolve, awayMs));
      // Both ends go on sending into the void.
      for (let done = 30; done < 70; done += 1) await step();
      const isHeldUp = (count: number): boolean => count < 700;
      for (const [at, page] of pages.entries()) {
        expect([
          ways[at],
          isHeldUp(await page.evaluate(() => globalThis.page.down.length)),
        ]).toEqual([ways[at], true]);
      }
      await back;
      network.restore();
      for (let done = 70; done < steps; done += 1) await step();
      for (const traffic of traffics) {
        await traffic.arrived();
        expect(traffic.sent).toBe(1_000);
      }
      for (const [at, page] of pages.entries()) {
        const linked = await page.evaluate(() => globalThis.page.linked);
        const [first, ...later] = linked.map(({ answer }) => answer);
        expect(first).toBe("fresh");
        expect(later.every((answer) => answer === "resumed")).toBe(true);
        if (kind === "cut" && ways[at]![0] !== "polling") expect(later.length).toBeGreaterThan(0);
      }
      expect(site.errors).toEqual([]);
    },
  );
});
