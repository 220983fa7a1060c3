// The wire page in real Chromium: what is on the line of this very page.
import { readFileSync } from "node:fs";
import type { Locator } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startShowcase } from "../showcase-process.js";
import { expectAccessible } from "./expect-accessible.js";
import { desktop, hasChromium, phone, type Tab } from "./open-browser.js";
import { Tabs } from "./tabs.js";

describe.runIf(hasChromium())("the wire page", { timeout: 60_000 }, () => {
  let tabs: Tabs;
  let server: Awaited<ReturnType<typeof startShowcase>>;

  beforeAll(async () => {
    tabs = await Tabs.build();
    server = await startShowcase(tabs.built.entry);
  }, 60_000);

  afterEach(async () => {
    expect(await tabs.close(), "console").toEqual([]);
  });

  afterAll(async () => {
    await server?.kill("SIGKILL");
    await tabs?.end();
  });

  async function open(path = "#/wire", options: object = desktop, url = server.url): Promise<Tab> {
    const tab = await tabs.open(`${url}/${path}`, options);
    await tab.page.getByText("Looking", { exact: true }).waitFor();
    return tab;
  }

  const rows = (tab: Tab): Locator =>
    tab.page.getByRole("list", { name: "Frames" }).getByRole("button");
  const detail = (tab: Tab): Locator => tab.page.getByRole("region", { name: /^Frame \d/ });
  /** A field's value and meaning, as the detail tells them. */
  const field = (tab: Tab, name: string): Locator =>
    detail(tab)
      .locator("dl > div")
      .filter({ has: tab.page.getByText(name, { exact: true }) })
      .locator("dd");
  const press = (tab: Tab, name: string) =>
    tab.page.getByRole("button", { name, exact: true }).click();

  test("the handshake is shown, every line explained, and the accept value comes out right", async () => {
    const tab = await open("#/wire/handshake");
    const request = tab.page.locator("section", { hasText: "The request, as the server read it" });
    await request.getByText("GET /tidewire HTTP/1.1").waitFor();
    await request.getByText(/✓ \d+ bytes: as many as the socket had received/).waitFor();
    expect(await request.locator('[data-unknown="true"]').allTextContents()).toEqual([]);
    const accept = tab.page.getByRole("region", { name: "The accept value, computed here" });
    await accept.getByText("✓ The same. The server has understood.").waitFor();
    const values = await accept.locator(".accept-value").allTextContents();
    expect(values[1]).toBe(`${values[0]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
    expect(values[3]).toBe(values[4]);
    await tab.page.getByText("and the hub declines").waitFor();
  });

  test("what is sent is on the line, bit by bit, masked and unmasked, with its packet", async () => {
    const tab = await open();
    await tab.page.getByRole("textbox", { name: "Text to send" }).fill("Look at me");
    await press(tab, "Send");
    const sent = rows(tab).filter({ hasText: "wire.say" }).filter({ hasNotText: "wire.said" });
    await sent.first().click();
    expect(await field(tab, "FIN").textContent()).toMatch(/^1/);
    expect(await field(tab, "RSV1").textContent()).toMatch(/^0/);
    expect(await field(tab, "Opcode").textContent()).toMatch(/^0x[12]/);
    expect(await field(tab, "MASK").textContent()).toMatch(/^1 .*Masked/);
    expect(await field(tab, "Masking key").textContent()).toMatch(/^[0-9a-f]{8} /);
    const cells = await detail(tab).locator(".bit-values").allTextContents();
    expect(cells.slice(0, 4)).toEqual(["1", "0", "0", "0"]);
    const payload = detail(tab).getByRole("region", { name: "Payload", exact: true });
    const text = async (dump: Locator) =>
      (await dump.locator(".hex-text").allTextContents()).join("");
    expect(await text(payload)).toContain("Look at me");
    const masked = detail(tab).getByRole("region", { name: "Payload on the line" });
    expect(await text(masked)).not.toContain("Look at me");
    await detail(tab).getByText('"text": "Look at me"').waitFor();
    // The answer of the server is not masked.
    await rows(tab).filter({ hasText: "wire.said" }).first().click();
    expect(await field(tab, "MASK").textContent()).toMatch(/^0 .*Not masked/);
  });

  test("all three lengths, bytes, a Ping with its Pong, and the session's own", async () => {
    const tab = await open();
    await press(tab, "300 letters");
    await rows(tab).filter({ hasText: "wire.say" }).first().click();
    await field(tab, "Extended payload length, 16 bits").waitFor();
    await press(tab, "70,000 letters");
    const big = rows(tab).filter({ hasText: /event.*70,\d{3} B/ });
    await expect.poll(() => big.count()).toBe(2);
    await big.first().click();
    await field(tab, "Extended payload length, 64 bits").waitFor();
    await detail(tab).getByText("Too long to be shown whole").waitFor();
    await press(tab, "Ping frame");
    const control = rows(tab).filter({ hasText: "tide" });
    await expect.poll(() => control.count()).toBe(2);
    await control.last().click();
    expect(await field(tab, "Opcode").textContent()).toContain("0xa pong");
    await press(tab, "Session ping");
    await rows(tab)
      .filter({ hasText: /pong.*number/ })
      .first()
      .waitFor();
    await press(tab, "256 bytes");
    await rows(tab).filter({ hasText: "wire.said" }).last().waitFor();
  });

  test("compressed text has RSV1 set, and is shown inflated", async () => {
    const tab = await open();
    await tab.page.getByRole("textbox", { name: "Text to send" }).fill("tea ".repeat(50));
    await press(tab, "Text, compressed");
    const deflated = rows(tab).filter({ hasText: "deflated" });
    await expect.poll(() => deflated.count()).toBe(2);
    await deflated.first().click();
    expect(await field(tab, "RSV1").textContent()).toMatch(/^1 .*permessage-deflate/);
    const inflated = detail(tab).getByRole("region", { name: "Payload, inflated" });
    expect(await inflated.textContent()).toContain("tea tea tea");
    await tab.page.getByRole("link", { name: "Handshake" }).click();
    await tab.page.getByText("and the hub declines").waitFor();
    await tab.page.getByRole("combobox", { name: "Connection" }).selectOption({ index: 1 });
    await tab.page.getByText("compressed messages have RSV1 set").waitFor();
    await tab.page.getByText("✓ The same.").waitFor();
  });

  test("filter, search, pause and clear", async () => {
    const tab = await open();
    await press(tab, "Send");
    await press(tab, "Ping frame");
    // The session may have a ping and a pong of its own meanwhile; those are packets.
    await expect.poll(() => rows(tab).filter({ hasText: "tide" }).count()).toBe(2);
    await tab.page.getByLabel("Kind").selectOption("control");
    await expect.poll(() => rows(tab).count()).toBe(2);
    await tab.page.getByLabel("Direction").selectOption("up");
    await expect.poll(() => rows(tab).count()).toBe(1);
    await tab.page.getByLabel("Kind").selectOption("all");
    await tab.page.getByLabel("Text in frames").fill("HELLO, wire");
    await expect.poll(() => rows(tab).count()).toBe(1);
    await tab.page.getByLabel("Text in frames").fill("nowhere");
    await tab.page.getByText("No frame is like that.").waitFor();
    await tab.page.getByLabel("Text in frames").fill("");
    await tab.page.getByLabel("Direction").selectOption("both");
    await press(tab, "Pause");
    const before = await rows(tab).count();
    await press(tab, "Burst of 30");
    const goOn = tab.page.getByRole("button", { name: /Go on \([6-9]\d new\)/ });
    await goOn.waitFor();
    expect(await rows(tab).count()).toBe(before);
    await goOn.click();
    await expect.poll(() => rows(tab).count()).toBeGreaterThanOrEqual(before + 60);
    await press(tab, "Clear");
    await expect.poll(() => rows(tab).count()).toBeLessThan(10);
  });

  test("the export holds what was seen, and no secret", async () => {
    const tab = await open();
    await press(tab, "Send");
    await rows(tab).filter({ hasText: "wire.said" }).waitFor();
    const save = async (name: string) => {
      const download = tab.page.waitForEvent("download");
      await press(tab, name);
      return readFileSync(await (await download).path(), "utf8");
    };
    const token = await tab.page.evaluate<string>("sessionStorage.getItem('tidewire.tab')");
    const json = await save("Export JSON");
    expect(JSON.parse(json).links[0].handshake.request).toContain("Sec-WebSocket-Key");
    const kinds = JSON.parse(json).frames.map(
      ({ packet }: { packet?: { type: string } }) => packet?.type,
    );
    expect(kinds).toContain("event");
    expect(json).not.toContain(token);
    expect(await save("Export hex")).toMatch(/^# 1 /);
  });

  test("cut the line: it resumes, what was on it is sent again, and nothing is lost", async () => {
    const tab = await open("#/wire/logs");
    await tab.page.getByText("received by the server").waitFor();
    await press(tab, "✂ Cut the line");
    await tab.page.getByText("✓ 6 of 6 arrived, each once").waitFor();
    const story = tab.page.getByRole("list", { name: "What happened" });
    await expect.poll(() => story.locator('[data-mark="again"]').count()).toBe(6);
    expect(await story.locator('[data-mark="lost"]').count()).toBe(4);
    await story.getByText(/hello: I have received \d+ entries/).waitFor();
    await story.getByText(/welcome: resumed/).waitFor();
    await story.getByText(/The old link.s last counts, at the server/).waitFor();
    // The second link is seen from its first byte, with its secrets masked.
    await tab.page.getByRole("link", { name: "Frames" }).click();
    await rows(tab).filter({ hasText: "hello" }).click();
    await detail(tab).getByText("has overwritten the secrets").waitFor();
    await detail(tab).getByText('"secret": "masked-').waitFor();
    await tab.page.getByRole("link", { name: "Handshake" }).click();
    await tab.page.getByText("✓ The same.").waitFor();
    expect(
      await tab.page.getByRole("combobox", { name: "Connection" }).locator("option").count(),
    ).toBe(2);
  });

  test("after a restart of the server the look goes on at the new session", async () => {
    const tab = await open();
    await press(tab, "Send");
    await rows(tab).first().waitFor();
    await server.kill("SIGKILL");
    await tab.status("Offline");
    server = await startShowcase(tabs.built.entry, { port: server.port });
    await tab.online();
    await tab.page.getByText("Looking", { exact: true }).waitFor({ timeout: 40_000 });
    await press(tab, "Clear");
    await press(tab, "Send");
    await rows(tab).filter({ hasText: "wire.said" }).first().waitFor();
    tab.complaints.length = 0; // The browser reports the attempts in between.
  });

  test("two tabs see each their own line only", async () => {
    const one = await open();
    const two = await open();
    await one.page.getByRole("textbox", { name: "Text to send" }).fill("Only of the first");
    await press(one, "Send");
    await rows(one).filter({ hasText: "wire.said" }).waitFor();
    await press(two, "Send");
    await rows(two).filter({ hasText: "wire.said" }).waitFor();
    await two.page.getByLabel("Text in frames").fill("Only of the first");
    await two.page.getByText("No frame is like that.").waitFor();
  });

  test("over another transport it says so, and offers a WebSocket", async () => {
    const tab = await open("?transports=sse#/wire");
    await tab.page.getByText("the session is carried by Server-Sent Events").waitFor();
    await press(tab, "Send");
    await tab.page.getByRole("cell", { name: "POST /tidewire/send" }).first().waitFor();
    await expectAccessible(tab, "over HTTP");
    await tab.page.getByRole("link", { name: "Switch to WebSocket" }).click();
    await tab.transport("WebSocket");
    await tab.page.getByText("Looking", { exact: true }).waitFor();
    await press(tab, "Send");
    await rows(tab).filter({ hasText: "wire.say" }).first().waitFor();
  });

  test("over TLS the frames are those within", async () => {
    const secure = await startShowcase(tabs.built.entry, { args: ["--tls"] });
    try {
      const tab = await open("#/wire", { ...desktop, ignoreHTTPSErrors: true }, secure.url);
      await press(tab, "Send");
      await rows(tab).filter({ hasText: "wire.said" }).first().click();
      await detail(tab).getByText('"text": "Hello, wire"').waitFor();
      await tab.page.getByRole("link", { name: "Handshake" }).click();
      await tab.page.getByText("✓ The same.").waitFor();
      // Gone before the server is, which it would report.
      await tab.page.goto("about:blank");
    } finally {
      await secure.kill("SIGKILL");
    }
  });

  test("by keyboard: the list is one stop, and arrows lead through it", async () => {
    const tab = await open();
    await press(tab, "300 letters");
    await rows(tab).filter({ hasText: "wire.said" }).waitFor();
    await press(tab, "Pause");
    await tab.page.getByRole("button", { name: "Export hex" }).focus();
    const { keyboard } = tab.page;
    await keyboard.press("Tab");
    await keyboard.press("Home");
    await detail(tab).waitFor();
    const numberOf = () => detail(tab).getAttribute("aria-label");
    const first = await numberOf();
    await keyboard.press("ArrowDown");
    await expect.poll(numberOf).not.toBe(first);
    await keyboard.press("ArrowUp");
    await expect.poll(numberOf).toBe(first);
    await keyboard.press("Enter");
    await tab.page.getByText("Choose a frame to see its bits.").waitFor();
  });

  describe.each([
    ["desktop", "light", desktop],
    ["desktop", "dark", desktop],
    ["phone", "light", phone],
    ["phone", "dark", phone],
  ] as const)("on a %s, %s", (_size, colorScheme, options) => {
    test("axe finds nothing serious in any view, and nothing is wider than the window", async () => {
      const tab = await open("#/wire", { ...options, colorScheme });
      const overflow =
        "document.documentElement.scrollWidth - document.documentElement.clientWidth";
      const check = async (screen: string) => {
        await expectAccessible(tab, screen);
        expect(await tab.page.evaluate(overflow), screen).toBe(0);
      };
      await press(tab, "300 letters");
      await rows(tab).filter({ hasText: "wire.say" }).first().click();
      await detail(tab).waitFor();
      await check("frames");
      await tab.page.getByRole("link", { name: "Handshake" }).click();
      await tab.page.getByText("✓ The same.").waitFor();
      await check("handshake");
      await tab.page.getByRole("button", { name: "As bytes" }).first().click();
      await check("handshake as bytes");
      await tab.page.getByRole("link", { name: "Logs and resume" }).click();
      await press(tab, "✂ Cut the line");
      await tab.page.getByText("✓ 6 of 6 arrived, each once").waitFor();
      await expect.poll(() => tab.page.locator('[data-mark="again"]').count()).toBe(6);
      await check("logs");
    });
  });
});
