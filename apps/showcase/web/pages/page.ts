// What the shell and the start page know of a page before it is loaded.
import type { ComponentType } from "preact";
import type { Session } from "../session/session.js";

export interface PageProps {
  readonly session: Session;
  /** What follows the page's name in the address, decoded. */
  readonly rest: readonly string[];
}

export interface PageEntry {
  /** In the address, `#/name`; empty for the start page. */
  readonly name: string;
  /** In the navigation: a word. */
  readonly title: string;
  /** What there is to see, in a sentence: beside its door on the start page. */
  readonly description: string;
  load(): Promise<{ readonly default: ComponentType<PageProps> }>;
}
