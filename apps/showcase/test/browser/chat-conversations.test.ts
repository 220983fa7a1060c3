// Ticks, private conversations and files in real Chromium.
import { createHash } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Locator } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CutProxy } from "../cut-proxy.js";
import { startShowcase } from "../showcase-process.js";
import { expectAccessible } from "./expect-accessible.js";
import { noisePicture } from "./noise-picture.js";
import { desktop, hasChromium, openBrowser, phone, type Tab } from "./open-browser.js";
import { Tabs } from "./tabs.js";

describe.runIf(hasChromium())("conversations", { timeout: 60_000 }, () => {
  let tabs: Tabs;
  let server: Awaited<ReturnType<typeof startShowcase>>;

  beforeAll(async () => {
    // In the whole browser, where a page that people turn away from always gets to say so.
    tabs = await Tabs.build(openBrowser);
    server = await startShowcase(tabs.built.entry);
  }, 60_000);

  afterEach(async () => {
    expect(await tabs.close({ isOutageExpected: true }), "console").toEqual([]);
  });

  afterAll(async () => {
    // It takes its files with it.
    await server?.kill("SIGTERM");
    await tabs?.end();
  });

  async function enter(name: string, room: string, options: object = desktop, url = server.url) {
    const tab = await tabs.open(`${url}/#/chat/${room}`, options);
    await tab.choose(name);
    await tab.page.getByRole("textbox", { name: `Message to ${room}` }).waitFor();
    return tab;
  }

  const ticks = (tab: Tab, words: string): Locator =>
    tab.page.getByRole("log").getByRole("button", { name: `${words}. Who?` });

  /** By its path: as bytes it would have to go through the test's own line to the browser. */
  const attach = (tab: Tab, name: string, bytes: Buffer) => {
    const path = join(mkdtempSync(join(tabs.built.folder, "file-")), name);
    writeFileSync(path, bytes);
    return tab.page.getByLabel("Files to attach").setInputFiles(path);
  };

  /** Lets go of files over the conversation, or pastes them where one writes. */
  const give = (tab: Tab, how: "drop" | "paste", name: string, bytes: Buffer) =>
    tab.page.evaluate(
      `(() => {
        const bytes = Uint8Array.from(atob(${JSON.stringify(bytes.toString("base64"))}), (c) => c.charCodeAt(0));
        const data = new DataTransfer();
        data.items.add(new File([bytes], ${JSON.stringify(name)}, { type: "image/png" }));
        const init = { bubbles: true, cancelable: true };
        const [place, event] = ${JSON.stringify(how)} === "drop"
          ? [".conversation", new DragEvent("drop", { ...init, dataTransfer: data })]
          : [".composer textarea", new ClipboardEvent("paste", { ...init, clipboardData: data })];
        document.querySelector(place).dispatchEvent(event);
      })()`,
    );

  async function save(tab: Tab, name: string): Promise<Buffer> {
    const coming = tab.page.waitForEvent("download");
    await tab.page.getByRole("button", { name: `Save ${name}` }).click();
    const download = await coming;
    expect(download.suggestedFilename()).toBe(name);
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  }

  test("ticks go from sent to delivered to read, and tell who; also by keyboard", async () => {
    const ada = await enter("Ada", "ticks");
    await ada.write("Anybody?", "ticks");
    await ada.page.getByRole("button", { name: "Sent. Who?" }).waitFor();
    const bob = await enter("Bob", "ticks");
    await ada.peopleCount(2);
    await bob.page.evaluate("location.hash = '#/chat/elsewhere'");
    await bob.page.getByRole("heading", { level: 1, name: "elsewhere" }).waitFor();
    await ada.write("Hello", "ticks");
    await ticks(ada, "Delivered").waitFor();
    await bob.page.getByRole("link", { name: "ticks 1 unread" }).waitFor();
    expect(await bob.page.title()).toBe("(1) elsewhere · Tidewire");
    await ada.page.reload();
    await ada.online();
    await ticks(ada, "Delivered").waitFor();
    await bob.go("ticks");
    await ticks(ada, "Read").waitFor();
    const log = ada.page.getByRole("log");
    await log.focus();
    await ada.page.keyboard.press("Enter");
    await expect.poll(() => ticks(ada, "Read").evaluate(isFocused)).toBe(true);
    await ada.page.keyboard.press("ArrowUp");
    await ada.page.keyboard.press("ArrowDown");
    await ada.page.keyboard.press("Enter");
    const dialog = ada.page.getByRole("dialog", { name: "Who has your message" });
    await dialog.getByRole("heading", { name: "Read by 1" }).waitFor();
    await dialog.getByText("Bob", { exact: true }).waitFor();
    await ada.page.keyboard.press("Escape");
    await expect.poll(() => ticks(ada, "Read").evaluate(isFocused)).toBe(true);
    await ada.page.keyboard.press("Escape");
    await expect.poll(() => log.evaluate(isFocused)).toBe(true);
  });

  test("two of three talk in private; the third cannot come in by the address", async () => {
    const people = ["Ada", "Bob", "Eve"];
    const [ada, bob, eve] = await Promise.all(people.map((name) => enter(name, "three")));
    await ada!.page.getByRole("link", { name: "Write to Bob in private" }).click();
    await ada!.page.getByRole("heading", { level: 1, name: "here Bob" }).waitFor();
    await ada!.write("Between us", "Bob");
    const entry = bob!.page.getByRole("link", { name: "Ada 1 unread" });
    await entry.click();
    await bob!.sees("Between us");
    await ticks(ada!, "Read").waitFor();
    await bob!.page.getByRole("textbox", { name: "Message to Ada" }).pressSequentially("I");
    await ada!.page.getByText("Bob is typing").waitFor();
    await eve!.page.goto(ada!.page.url());
    await eve!.page.getByText("This conversation is private").waitFor();
    await eve!.page.getByRole("heading", { name: "You are not in this room" }).waitFor();
    // He is away for a while.
    await bob!.page.goto("about:blank");
    await ada!.page.getByText("Bob is not here now.").waitFor();
    await ada!.write("For later", "Bob");
    await ticks(ada!, "Sent").waitFor();
    await bob!.page.goto(`${server.url}/#/chat/three`);
    await bob!.online();
    await bob!.page.getByRole("link", { name: "Ada 1 unread" }).click();
    await bob!.sees("For later");
    expect(await bob!.texts()).toEqual(["Between us", "For later"]);
    await expect.poll(() => ticks(ada!, "Read").count(), { timeout: 10_000 }).toBe(2);
    await ada!.page.getByText("Bob is not here now.").waitFor({ state: "detached" });
  });

  test("a picture is sent while the line is cut: it arrives identical, and is shown", async () => {
    const line = await CutProxy.open(Number(server.port));
    try {
      const ada = await enter("Ada", "cut", desktop, line.url);
      const bob = await enter("Bob", "cut");
      const picture = await noisePicture(ada.page, 900, 700);
      line.holdAfter(400_000);
      await attach(ada, "noise.png", picture);
      const bar = ada.page.getByRole("progressbar", { name: "Sending noise.png" });
      await expect.poll(() => bar.evaluate((it) => it.getAttribute("value"))).not.toBe("0");
      line.cut();
      await ada.status("Offline");
      await ada.page.getByText("no connection; it goes on later").waitFor();
      expect(await bob.page.getByRole("article").count()).toBe(0);
      line.mend();
      await ada.online();
      const shown = bob.page.getByRole("img", { name: "noise.png" });
      await shown.waitFor();
      // Drawn as large as it is shown, from the bytes that arrived.
      expect(await shown.evaluate((it) => it.getAttribute("width"))).toBe("640");
      expect((await save(bob, "noise.png")).equals(picture)).toBe(true);
      await bob.page.getByText("SHA-256").click();
      const digest = createHash("sha256").update(picture).digest("hex");
      await bob.page.getByText(digest, { exact: true }).waitFor();
      await bob.page.getByText("compared").waitFor();
      await ticks(ada, "Read").waitFor();
      expect(await ada.page.getByRole("article").count()).toBe(1);
    } finally {
      await line.close();
    }
  });

  test("files come by the button, by a drop and from the clipboard; what is no picture is not shown", async () => {
    const [ada, bob] = [await enter("Ada", "files"), await enter("Bob", "files", phone)];
    const picture = await noisePicture(ada.page, 300, 40);
    await give(ada, "drop", "dropped.png", picture);
    await bob.page.getByRole("img", { name: "dropped.png" }).waitFor();
    await give(ada, "paste", "pasted.png", picture);
    await bob.page.getByRole("img", { name: "pasted.png" }).waitFor();
    const script = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>');
    await attach(ada, "drawing.svg", script);
    await attach(ada, "fake.png", Buffer.from("no picture at all"));
    expect((await save(bob, "drawing.svg")).equals(script)).toBe(true);
    await bob.page.getByRole("button", { name: "Save fake.png" }).waitFor();
    expect(await bob.page.getByRole("img").count()).toBe(2);
    await attach(ada, "large.bin", Buffer.alloc(25 * 1_048_576 + 1));
    await ada.page.getByText("Not sent: “large.bin” has 26,214,401 bytes").waitFor();
    await ada.page.getByRole("button", { name: "Discard" }).click();
    const overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
    expect(await bob.page.evaluate(overflow)).toBe(0);
  });

  // Of the small one every byte has left the page by then.
  test.each([12_000_000, 1_000_000])(
    "one of %i bytes that is cancelled is gone, and nobody else has seen it",
    async (size) => {
      const line = await CutProxy.open(Number(server.port));
      try {
        const room = `cancel ${size}`;
        const ada = await enter("Ada", room, desktop, line.url);
        const bob = await enter("Bob", room);
        line.holdAfter(100_000);
        await attach(ada, "long.bin", Buffer.alloc(size));
        await ada.page.getByRole("progressbar", { name: "Sending long.bin" }).waitFor();
        await ada.page.getByRole("button", { name: "Cancel long.bin" }).click();
        await ada.page.getByText("long.bin").waitFor({ state: "detached" });
        line.release();
        await ada.write("Never mind", room);
        await bob.sees("Never mind");
        expect(await bob.page.getByRole("article").count()).toBe(1);
      } finally {
        await line.close();
      }
    },
  );

  describe.each([
    ["desktop", "light", desktop],
    ["desktop", "dark", desktop],
    ["phone", "light", phone],
    ["phone", "dark", phone],
  ] as const)("on a %s, %s", (size, colorScheme, options) => {
    test("axe finds nothing serious", async () => {
      const room = `axe ${size} ${colorScheme}`;
      const ada = await enter("Ada", room, { ...options, colorScheme });
      const bob = await enter("Bob", room);
      await attach(bob, "b.png", await noisePicture(bob.page, 60, 60));
      await ada.page.getByRole("img", { name: "b.png" }).waitFor();
      await attach(ada, "notes.txt", Buffer.from("notes"));
      await attach(ada, "large.bin", Buffer.alloc(26 * 1_048_576));
      await ada.page.getByText("Not sent: “large.bin”").waitFor();
      await ticks(ada, "Read").waitFor();
      await expectAccessible(ada, "files and ticks");
      await ticks(ada, "Read").click();
      await ada.page.getByRole("heading", { name: "Read by 1" }).waitFor();
      await expectAccessible(ada, "who has it");
      await ada.page.keyboard.press("Escape");
      if (size === "phone")
        await ada.page.getByRole("button", { name: "Rooms and people" }).click();
      await ada.page.getByRole("link", { name: "Write to Bob in private" }).click();
      await bob.page.goto("about:blank");
      await ada.page.getByText("Bob is not here now.").waitFor();
      await expectAccessible(ada, "private");
    });
  });
});

const isFocused = (element: unknown): boolean =>
  (element as { ownerDocument: { activeElement: unknown } }).ownerDocument.activeElement ===
  element;
