/** The server against the WebSocket of a real browser. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { hasChromium, openBrowser } from "@tidewire/test-support";
import type { ServerWebSocket } from "@tidewire/websocket";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { expectEchoes, expectEchoesInOrder, expectFragmentsJoined } from "./corpus.js";
import { startServer } from "./echo-server.js";

/** Echoes, closes when told to, and notes how the connection ended. */
const PAGE = `<!doctype html><link rel="icon" href="data:,"><script>
  addEventListener("hashchange", () => {
    const socket = new WebSocket(location.hash.slice(1));
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
      const told = typeof data === "string" && /^close (\\d+) (.*)$/.exec(data);
      if (told) socket.close(Number(told[1]), told[2]);
      else socket.send(data);
    };
    socket.onclose = ({ code, reason, wasClean }) => { window.closure = { code, reason, wasClean }; };
  });
</script>`;

describe.skipIf(!hasChromium())("server against Chromium", { timeout: 60_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  describe.each([
    ["off", false],
    ["on", true],
  ])("permessage-deflate %s", (_, deflate) => {
    test("every message of the corpus comes back unchanged", async () => {
      const { socket } = await open(browser, deflate);
      expect(socket.extensions.includes("permessage-deflate")).toBe(deflate);
      await expectEchoes(socket);
      await expectEchoesInOrder(socket);
    });

    test("§5.4 fragments arrive as one message, pings between them", async () => {
      const { socket } = await open(browser, deflate);
      await expectFragmentsJoined(socket);
    });

    test.each([
      [1000, "done"],
      [1001, "going away"],
      [1012, "restart"],
      [4321, "ünïcode 👋"],
    ])("§7.1 our close with %i is clean and the page sees it", async (code, reason) => {
      const { socket, page } = await open(browser, deflate);
      socket.close(code, reason);
      expect(await socket.closed).toMatchObject({ code, wasClean: true });
      expect(await closureOf(page)).toEqual({ code, reason, wasClean: true });
    });

    test("§7.1 the page's close is clean and we see it", async () => {
      const { socket, page } = await open(browser, deflate);
      socket.send("close 3003 ünïcode 👋");
      expect(await socket.closed).toEqual({ code: 3003, reason: "ünïcode 👋", wasClean: true });
      expect(await closureOf(page)).toMatchObject({ code: 3003, wasClean: true });
    });
  });

  test("§7.1.6 a page that goes away ends the connection with 1001", async () => {
    const { socket, page } = await open(browser, false);
    await page.close();
    expect((await socket.closed).code).toBe(1001);
  });
});

async function open(
  browser: Browser,
  deflate: boolean,
): Promise<{ readonly socket: ServerWebSocket; readonly page: Page }> {
  const site = createServer((_request, response) => {
    response.setHeader("Content-Type", "text/html; charset=utf-8").end(PAGE);
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  const { port } = site.address() as AddressInfo;
  const { url, accepted } = await startServer(deflate);
  const page = await browser.newPage();
  onTestFinished(async () => {
    await page.close();
    site.close();
    site.closeAllConnections();
  });
  await page.goto(`http://127.0.0.1:${port}/`);
  await page.evaluate(`location.hash = ${JSON.stringify(url)}`);
  return { socket: await accepted, page };
}

async function closureOf(page: Page): Promise<unknown> {
  const closure = await page.waitForFunction("window.closure");
  return closure.jsonValue();
}
