// The chat in real Chromium, over a server that runs as a process of its own.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startShowcase } from "../showcase-process.js";
import { expectAccessible } from "./expect-accessible.js";
import { desktop, hasChromium, phone, type Tab } from "./open-browser.js";
import { Tabs } from "./tabs.js";

type Server = Awaited<ReturnType<typeof startShowcase>>;

describe.runIf(hasChromium())("the chat page", { timeout: 60_000 }, () => {
  let tabs: Tabs;
  let server: Server;

  beforeAll(async () => {
    tabs = await Tabs.build();
    server = await startShowcase(tabs.built.entry);
  }, 60_000);

  afterEach(async () => {
    expect(await tabs.close({ isOutageExpected: true }), "console").toEqual([]);
  });

  afterAll(async () => {
    await server?.kill("SIGKILL");
    await tabs?.end();
  });

  function enter(name: string, options: object = desktop, query = ""): Promise<Tab> {
    return tabs.enter(server.url, name, options, query);
  }

  test("two tabs chat with each other, and see each other come and go", async () => {
    const ada = await enter("Ada");
    const bob = await enter("Bob");
    await ada.peopleCount(2);
    await ada.write("Hello Bob");
    await bob.sees("Hello Bob");
    await bob.write("Hello Ada");
    await ada.sees("Hello Ada");
    expect((await ada.texts()).slice(-2)).toEqual(["Hello Bob", "Hello Ada"]);
    await bob.page.getByRole("textbox", { name: "Message to" }).pressSequentially("I am");
    await ada.page.getByText("Bob is typing").waitFor();
    await bob.page.reload();
    await bob.online();
    await bob.sees("Hello Ada");
    await ada.peopleCount(2);
    await bob.close();
    await ada.peopleCount(1);
  });

  test("rooms: create, see from elsewhere, join, count unread, switch, leave", async () => {
    const ada = await enter("Ada");
    const bob = await enter("Bob");
    await ada.create("Tea Kitchen");
    await ada.page.getByRole("heading", { level: 1, name: "tea kitchen" }).waitFor();
    await ada.write("Only here", "tea kitchen");
    await ada.sees("Only here");
    expect(await bob.texts()).not.toContain("Only here");
    await bob.go("tea kitchen");
    await bob.sees("Only here");
    await ada.go("lobby");
    await bob.write("Are you there?", "tea kitchen");
    await ada.page.getByRole("link", { name: "tea kitchen 1 unread" }).click();
    await ada.sees("Are you there?");
    await ada.page.getByRole("button", { name: "Leave tea kitchen" }).click();
    await ada.page.getByRole("heading", { level: 1, name: "lobby" }).waitFor();
    await bob.peopleCount(1);
  });

  test("a link leads to its room, whatever is in it", async () => {
    const tab = await tabs.open(`${server.url}/#/chat/%3Cb%3E%F0%9F%8D%B5`, desktop);
    await tab.choose("Ada");
    await tab.page.getByRole("heading", { level: 1, name: "<b>🍵" }).waitFor();
    await tab.page.evaluate("location.hash = '#/chat/%E0%A4%A'");
    await tab.page.getByRole("heading", { level: 1, name: "lobby" }).waitFor();
  });

  test("text stays text, keeps its lines and wraps", async () => {
    const ada = await enter("<i>Ada</i>");
    const bob = await enter("דנה", phone);
    const texts = [
      "<img src=x onerror=\"document.title='broken'\"><script>alert(1)</script>",
      "👩‍👩‍👧‍👦 שלום עולם 🏳️‍🌈",
      "W".repeat(500),
    ];
    for (const text of texts) {
      await ada.write(text);
      await bob.sees(text);
    }
    await ada.page.getByRole("textbox", { name: "Message to" }).fill("one\r\ntwo");
    await ada.page.getByRole("button", { name: "Send" }).click();
    await bob.page.getByRole("log").getByText("one two").waitFor();
    expect((await bob.texts()).at(-1)).toBe("one\ntwo");
    expect(await bob.page.locator(".messages img, .messages script, .messages i").count()).toBe(0);
    for (const { page } of [ada, bob]) {
      const overflow =
        "document.documentElement.scrollWidth - document.documentElement.clientWidth";
      expect(await page.evaluate(overflow)).toBe(0);
    }
  });

  test("equal names are told apart, and a name can be changed and is remembered", async () => {
    const first = await enter("Zoe");
    const second = await enter("zoe");
    const people = first.page.getByRole("complementary", { name: "People" });
    await people
      .getByText(/#[0-9a-f]{4}/)
      .first()
      .waitFor();
    expect(await people.getByText(/#[0-9a-f]{4}/).count()).toBe(2);
    await second.page.getByRole("button", { name: "Your name is zoe" }).click();
    await second.page.keyboard.type("Grace");
    await second.page.keyboard.press("Enter");
    await people.getByText("Grace").waitFor();
    await people
      .getByText(/#[0-9a-f]{4}/)
      .first()
      .waitFor({ state: "detached" });
    const another = await second.page.context().newPage();
    await another.goto(`${server.url}/#/chat`);
    expect(await another.getByLabel("Your name").inputValue()).toBe("Grace");
  });

  test("too long a message and an empty name are told before they are sent", async () => {
    const ada = await enter("Ada");
    const composer = ada.page.getByRole("textbox", { name: "Message to" });
    await composer.fill("x".repeat(2_001));
    await ada.page.getByText("Too long by 1 of 2000 characters.").waitFor();
    expect(await ada.page.getByRole("button", { name: "Send" }).isDisabled()).toBe(true);
    await composer.fill("x".repeat(2_000));
    await ada.page.getByText("0 characters left").waitFor();
    await ada.page.getByRole("button", { name: "Your name is" }).click();
    await ada.page.getByRole("textbox", { name: "Your name" }).fill(" \u200b ");
    await ada.page.getByRole("button", { name: "Save" }).click();
    await ada.page.getByRole("alert").getByText("Please type a name").waitFor();
  });

  test("the list stays at its end, but leaves alone who has scrolled up", async () => {
    const ada = await enter("Ada");
    const bob = await enter("Bob");
    await ada.create("long");
    await bob.go("long");
    for (let number = 0; number < 9; number += 1) await ada.write(`${number}\n\n\n\n.`, "long");
    await ada.allSent();
    const log = bob.page.getByRole("log");
    const toEnd = () =>
      log.evaluate((list) => Math.round(list.scrollHeight - list.scrollTop - list.clientHeight));
    await log.getByText("8 .").waitFor();
    await expect.poll(toEnd).toBeLessThan(2);
    await log.hover();
    await bob.page.mouse.wheel(0, -5_000);
    const scrollTop = () => log.evaluate((list) => list.scrollTop);
    await expect.poll(scrollTop).toBe(0);
    await ada.write("news", "long");
    const button = bob.page.getByRole("button", { name: "1 new message" });
    await button.waitFor();
    expect(await scrollTop()).toBe(0);
    await button.click();
    await button.waitFor({ state: "detached" });
    await expect.poll(toEnd).toBeLessThan(2);
  });

  test("the server is killed and restarted: both tabs go on, unsent messages arrive once", async () => {
    const ada = await enter("Ada");
    const bob = await enter("Bob", phone);
    await ada.create("tea");
    await ada.go("lobby");
    await ada.write("before");
    await bob.sees("before");
    await server.kill("SIGKILL");
    for (const tab of [ada, bob]) {
      await tab.page.getByText("No connection to the server.").waitFor();
      await tab.page.getByText("Retry in").waitFor();
    }
    await ada.write("unsent one");
    await ada.write("unsent two");
    await bob.write("unsent three");
    await ada.page.getByText("2 messages are kept and sent later.").waitFor();
    expect(await ada.page.getByText("Not sent yet").count()).toBe(2);
    server = await startShowcase(tabs.built.entry, { port: server.port });
    await Promise.all([ada.online(), bob.online()]);
    for (const tab of [ada, bob]) {
      await tab.allSent();
      await tab.page.getByText("No connection to the server.").waitFor({ state: "detached" });
      for (const text of ["unsent one", "unsent two", "unsent three"]) await tab.sees(text);
    }
    await bob.write("after");
    await ada.sees("after");
    for (const tab of [ada, bob]) {
      const texts = await tab.texts();
      const ours = texts.slice(texts.indexOf("before"));
      expect(ours).toHaveLength(5);
      expect(new Set(ours).size).toBe(5);
      expect(ours.indexOf("unsent one")).toBeLessThan(ours.indexOf("unsent two"));
    }
    await ada.peopleCount(2);
    await ada.page.getByRole("link", { name: "tea" }).waitFor();
  });

  test("the same over TLS", async () => {
    const secure = await startShowcase(tabs.built.entry, { args: ["--tls"] });
    try {
      const options = { ...desktop, ignoreHTTPSErrors: true };
      const ada = await tabs.enter(secure.url, "Ada", options);
      const bob = await tabs.enter(secure.url, "Bob", options);
      await ada.write("over wss");
      await bob.sees("over wss");
    } finally {
      await secure.kill("SIGKILL");
    }
  });

  test.each([
    ["sse", "Server-Sent Events"],
    ["stream", "HTTP streaming"],
    ["long-polling", "Long polling"],
    ["polling", "Polling"],
  ])("the same over %s, as the address asks for, and as the page tells", async (name, label) => {
    const [ada, bob] = [await enter("Ada"), await enter("Bob", desktop, `?transports=${name}`)];
    await ada.transport("WebSocket");
    await bob.transport(label);
    await ada.create(name);
    await bob.go(name);
    await bob.write("out", name);
    await ada.sees("out");
    await ada.write("in", name);
    await bob.sees("in");
    await bob.allSent();
    await server.kill("SIGKILL");
    await bob.status("Offline");
    await bob.write("meanwhile", name);
    server = await startShowcase(tabs.built.entry, { port: server.port });
    await Promise.all([ada.online(), bob.online()]);
    await bob.transport(label);
    await ada.sees("meanwhile");
    expect(await ada.texts()).toEqual(["out", "in", "meanwhile"]);
  });

  test("the transport in the address that there is not is told, and the page works", async () => {
    const ada = await enter("Ada", desktop, "?transports=pigeon,sse");
    await ada.page.getByText("asks for the transport “pigeon”, which there is not").waitFor();
    await ada.transport("Server-Sent Events");
    await ada.page.getByRole("button", { name: "Transport: " }).click();
    await ada.page.getByRole("link", { name: "Whatever works best" }).click();
    await ada.transport("WebSocket");
    await ada.page.getByRole("textbox", { name: "Message to lobby" }).waitFor();
  });

  test("retry now does not wait", async () => {
    const ada = await enter("Ada");
    await server.kill("SIGKILL");
    await ada.status("Offline");
    server = await startShowcase(tabs.built.entry, { port: server.port });
    const retry = ada.page.getByRole("button", { name: "Retry now" });
    // It may have come back by itself in the meantime.
    await Promise.race([retry.click().catch(() => {}), ada.online()]);
    await ada.online();
  });

  test("everything is within the keyboard's reach, and the focus goes where one expects it", async () => {
    const tab = await tabs.open(`${server.url}/#/chat`, desktop);
    const { keyboard } = tab.page;
    const focused = () =>
      tab.page.evaluate<string>(
        "document.activeElement.labels?.[0]?.textContent ?? document.activeElement.ariaLabel ?? document.activeElement.textContent",
      );
    await expect.poll(focused).toBe("Your name");
    await keyboard.type("Ada");
    await keyboard.press("Enter");
    await tab.online();
    await tab.page.getByRole("textbox", { name: "Message to lobby" }).waitFor();
    await expect.poll(focused).toBe("Message to lobby");
    await keyboard.type("by keyboard");
    await keyboard.press("Shift+Enter");
    await keyboard.type("in two lines");
    await keyboard.press("Enter");
    await tab.page.getByText("by keyboard in two lines").waitFor();
    await keyboard.press("Shift+Tab");
    await expect.poll(focused).toBe("Messages in lobby");
    await keyboard.press("Shift+Tab");
    await expect.poll(focused).toBe("Create or join");
    await keyboard.press("Shift+Tab");
    await keyboard.type("keys");
    await keyboard.press("Enter");
    await tab.page.getByRole("textbox", { name: "Message to keys" }).waitFor();
    await expect.poll(focused).toBe("Message to keys");
    const name = tab.page.getByRole("button", { name: "Your name is Ada" });
    await name.focus();
    await keyboard.press("Enter");
    await tab.page.getByRole("dialog").waitFor();
    await expect.poll(focused).toBe("Your name");
    await keyboard.press("Escape");
    await tab.page.getByRole("dialog").waitFor({ state: "detached" });
    await expect.poll(focused).toBe("Your name is Ada. Change it");
  });

  describe.each([
    ["desktop", "light", desktop],
    ["desktop", "dark", desktop],
    ["phone", "light", phone],
    ["phone", "dark", phone],
  ] as const)("on a %s, %s", (size, colorScheme, options) => {
    test("axe finds nothing serious, on any screen", async () => {
      const tab = await tabs.open(`${server.url}/#/chat`, { ...options, colorScheme });
      await expectAccessible(tab, "welcome");
      await tab.choose("Ada");
      const other = await enter("Ada");
      await other.write(`Hello ${size} ${colorScheme}`);
      await tab.sees(`Hello ${size} ${colorScheme}`);
      await tab.write("Hello too");
      await tab.allSent();
      await expectAccessible(tab, "chat");
      if (size === "phone") {
        await tab.page.getByRole("button", { name: "Rooms and people" }).click();
        await tab.page.getByRole("dialog").getByRole("link", { name: "lobby" }).waitFor();
        await expectAccessible(tab, "panel");
      }
      await tab.page.getByRole("button", { name: "Your name is Ada" }).click();
      await tab.page.getByRole("dialog", { name: "Change your name" }).waitFor();
      await expectAccessible(tab, "name");
      await tab.page.keyboard.press("Escape");
      if (size === "phone") await tab.page.getByRole("button", { name: "Close" }).click();
      await server.kill("SIGKILL");
      await tab.status("Offline");
      await tab.write("Unsent");
      await expectAccessible(tab, "offline");
      server = await startShowcase(tabs.built.entry, { port: server.port });
      await tab.page.goto(`${server.url}/nothing/here`);
      tab.complaints.length = 0; // The browser reports the 404 that was asked for.
      await expectAccessible(tab, "not found");
    });
  });
});
