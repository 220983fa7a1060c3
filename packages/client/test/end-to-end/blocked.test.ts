// A proxy before the hub knows no upgrades: the page goes on by another way, says by which, and comes
// back to WebSocket without a break when it may.

import { hasChromium, openBrowser } from "@tidewire/test-support";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPage } from "./support/browser.js";
import { buildPage } from "./support/build.js";
import { Network } from "./support/network.js";
import { serveSite } from "./support/site.js";
import { startTraffic } from "./support/traffic.js";

describe.skipIf(!hasChromium())("Chromium, WebSocket blocked", { timeout: 60_000 }, () => {
  let browser: Browser;
  let scripts: ReadonlyMap<string, string>;
  beforeAll(async () => {
    [browser, scripts] = await Promise.all([openBrowser(), buildPage()]);
  });
  afterAll(() => browser.close());

  test.each([
    ["answered 403", "waits for its turn", 403],
    ["answered 502", "hears of another network", 502],
    ["swallowed", "hears of another network", "hang"],
  ] as const)(
    "upgrades %s: the next transport within seconds; a page that %s returns",
    async (_, returns, upgrades) => {
      const site = await serveSite(scripts);
      const network = await Network.to(site.port);
      network.upgrades = upgrades;
      const page = await openPage(browser, network.port, { random: 0.05 });
      // A transport that swallows its handshake has 5 seconds.
      await page.waitForFunction(() => globalThis.page.client!.transport !== undefined, undefined, {
        timeout: 8_000,
      });
      expect(await page.evaluate(() => globalThis.page.transports)).toEqual(["sse"]);
      expect(network.refused).toBeGreaterThan(0);

      const traffic = await startTraffic(site, page);
      for (let step = 0; step < 20; step += 1) await traffic.step();
      network.upgrades = "pass";
      if (returns !== "waits for its turn") {
        await page.evaluate(() => void globalThis.dispatchEvent(new Event("online")));
      }
      const transport = (): Promise<string | undefined> =>
        page.evaluate(() => globalThis.page.client!.transport);
      // Messages are under way throughout, before the move, in it and after it.
      while ((await transport()) !== "websocket") await traffic.step();
      for (let step = 0; step < 20; step += 1) await traffic.step();
      await traffic.arrived();
      expect(await page.evaluate(() => globalThis.page.transports)).toEqual(["sse", "websocket"]);
      // It never was without a link.
      const answers = await page.evaluate(() => globalThis.page.linked.map(({ answer }) => answer));
      expect(answers).toEqual(["fresh", "resumed"]);
      expect(site.hub.stats().linksByTransport).toMatchObject({ websocket: 1, sse: 0 });
      expect(site.errors).toEqual([]);
    },
  );

  test("only WebSocket allowed to the client: it says that it is blocked", async () => {
    const site = await serveSite(scripts);
    const network = await Network.to(site.port);
    network.upgrades = 403;
    const page = await openPage(browser, network.port, { transports: ["websocket"] });
    await page.waitForFunction(() => globalThis.page.failures.length > 0);
    expect(await page.evaluate(() => globalThis.page.failures[0])).toBe("blocked");
  });
});
