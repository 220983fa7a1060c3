// Real Chromium, and the words in which the tests speak about the page.
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

export { hasChromium, openBrowser, openShell } from "@tidewire/test-support";

export const desktop = { viewport: { width: 1280, height: 800 } };
export const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

/** The page as a person uses it: by what is written on it, never by its inner workings. */
export class Tab {
  readonly page: Page;
  /** What the console and the page complained about. */
  readonly complaints: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(15_000);
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") {
        this.complaints.push(message.text());
      }
    });
    page.on("pageerror", (error) => this.complaints.push(String(error)));
  }

  static async open(
    browser: Browser,
    url: string,
    options: BrowserContextOptions = {},
  ): Promise<Tab> {
    const context = await browser.newContext(options);
    const tab = new Tab(await context.newPage());
    await tab.page.goto(url);
    return tab;
  }

  async choose(name: string): Promise<void> {
    await this.page.getByLabel("Your name").fill(name);
    await this.page.getByRole("button", { name: "Enter the chat" }).click();
    await this.online();
  }

  /** Waits for the connection; by itself it comes back within half a minute. */
  async online(): Promise<void> {
    await this.status("Online", 40_000);
  }

  async status(word: string, timeout = 15_000): Promise<void> {
    const status = this.page.getByRole("status", { name: "Connection" });
    await status.getByText(word).waitFor({ timeout });
  }

  /** The transport in use, as the header tells it. */
  async transport(label: string): Promise<void> {
    await this.page.getByRole("button", { name: `Transport: ${label}.` }).waitFor();
  }

  async write(text: string, room = "lobby"): Promise<void> {
    const composer = this.page.getByRole("textbox", { name: `Message to ${room}` });
    await composer.fill(text);
    await composer.press("Enter");
  }

  /** Waits for a message. */
  async sees(text: string): Promise<void> {
    await this.page.getByRole("log").getByText(text, { exact: true }).waitFor();
  }

  /** Waits until nothing is unsent. */
  async allSent(): Promise<void> {
    const pending = this.page.locator('[data-pending="true"]');
    await pending.first().waitFor({ state: "detached" });
  }

  /** The messages of the room that is shown, in order. */
  texts(): Promise<string[]> {
    return this.page.getByRole("log").locator(".text").allTextContents();
  }

  async create(room: string): Promise<void> {
    await this.page.getByLabel("Create or join a room").fill(room);
    await this.page.keyboard.press("Enter");
    await this.page.getByRole("heading", { name: room }).waitFor();
  }

  async go(room: string): Promise<void> {
    await this.page.getByRole("link", { name: room }).click();
    await this.page.getByRole("heading", { level: 1, name: room }).waitFor();
  }

  /** Waits until so many people are here. */
  async peopleCount(count: number): Promise<void> {
    await this.page
      .getByRole("complementary", { name: "People" })
      .getByText(`${count}`, { exact: true })
      .waitFor();
  }

  /** As a person does it: a context that is closed with its pages would let them say no goodbye. */
  async close(): Promise<void> {
    const context = this.page.context();
    await Promise.all(context.pages().map((page) => page.close()));
    await context.close();
  }
}
