// The showcase built, a browser, and the tabs that a test has opened in it.
import type { Browser, BrowserContextOptions } from "playwright-core";
import { type BuiltShowcase, buildShowcase } from "../build-showcase.js";
import { openShell, Tab } from "./open-browser.js";

/** While a server is down or a line is cut, browsers report every attempt. */
const outage = /WebSocket connection to .* failed|Failed to load resource: net::ERR_/;

export class Tabs {
  readonly built: BuiltShowcase;
  readonly #browser: Browser;
  readonly #open: Tab[] = [];

  private constructor(built: BuiltShowcase, browser: Browser) {
    this.built = built;
    this.#browser = browser;
  }

  /** @param open another browser than the quick one */
  static async build(open: () => Promise<Browser> = openShell): Promise<Tabs> {
    const built = await buildShowcase();
    try {
      return new Tabs(built, await open());
    } catch (error) {
      built.remove();
      throw error;
    }
  }

  async open(url: string, options?: BrowserContextOptions): Promise<Tab> {
    const tab = await Tab.open(this.#browser, url, options);
    this.#open.push(tab);
    return tab;
  }

  /** Opens the chat and chooses a name. */
  async enter(
    url: string,
    name: string,
    options?: BrowserContextOptions,
    query = "",
  ): Promise<Tab> {
    const tab = await this.open(`${url}/${query}#/chat`, options);
    await tab.choose(name);
    return tab;
  }

  /** Closes all, and answers what they complained about; of outages only when they are not expected. */
  async close({ isOutageExpected = false } = {}): Promise<string[]> {
    const complaints = this.#open.flatMap((tab) => tab.complaints);
    await Promise.all(this.#open.splice(0).map((tab) => tab.close()));
    return isOutageExpected ? complaints.filter((text) => !outage.test(text)) : complaints;
  }

  /** The browser is closed, and what was built removed. */
  async end(): Promise<void> {
    await this.#browser.close();
    this.built.remove();
  }
}
