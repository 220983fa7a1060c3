// What happens from the moment when the line is cut until the session has gone on, step by step, as
// both ends tell it.
import { isCounted } from "@tidewire/session-protocol";
import type { EndItem } from "../../../shared/wire/contract.js";
import { cutEntries } from "../../../shared/wire/limits.js";
import type { Frame } from "./frame.js";
import type { LinkView } from "./link-view.js";

export type StepDirection = "up" | "down" | "none";

export interface StoryStep {
  readonly key: string;
  readonly direction: StepDirection;
  readonly title: string;
  readonly detail: string;
  /** `lost`: it did not arrive. `again`: it is what was lost before. */
  readonly mark?: "lost" | "again" | "break" | "done";
  /** Milliseconds of the server's clock; undefined for what only the page knows. */
  readonly at?: number;
}

export class CutStory {
  readonly id: string;
  readonly #steps: StoryStep[] = [];
  readonly #heard = new Map<string, number>();
  #end: EndItem | undefined;
  #link: number | undefined;
  /** The last step, though it may be known before the reports of those before it are here. */
  #verdict: StoryStep | undefined;

  constructor(id: string) {
    this.id = id;
    this.#steps.push({
      key: "dead",
      direction: "none",
      title: "The line goes dead",
      detail: "Nothing passes any more, as if a cable were pulled. Neither end is told.",
      mark: "break",
    });
  }

  get steps(): readonly StoryStep[] {
    return this.#verdict === undefined ? this.#steps : [...this.#steps, this.#verdict];
  }

  /** Whether all that was said into the dead line has arrived. */
  get isDone(): boolean {
    return this.#verdict !== undefined;
  }

  /** What the page says into the dead line: ids of its entries. */
  get upIds(): readonly string[] {
    return Array.from({ length: cutEntries }, (_, at) => `${this.id}-up-${at + 1}`);
  }

  get #downIds(): readonly string[] {
    return Array.from({ length: cutEntries }, (_, at) => `${this.id}-down-${at + 1}`);
  }

  /** The page has said its part. */
  saidIntoIt(): void {
    this.#steps.push({
      key: "up-lost",
      direction: "up",
      title: `The page sends ${cutEntries} entries`,
      detail:
        "They leave the browser and never arrive. The page keeps them until they are acknowledged.",
      mark: "lost",
    });
  }

  /** A saying has arrived at the page: the server's own, or the echo of one of the page. */
  heard(id: string): void {
    if (!id.startsWith(this.id)) return;
    this.#heard.set(id, (this.#heard.get(id) ?? 0) + 1);
    const all = [...this.upIds, ...this.#downIds];
    if (!all.every((each) => this.#heard.has(each))) return;
    const isOnce = all.every((each) => this.#heard.get(each) === 1);
    this.#verdict = {
      key: "done",
      direction: "none",
      title: isOnce ? `${all.length} of ${all.length} arrived, each once` : "Something came twice",
      detail: isOnce
        ? "Nothing lost, nothing twice, in order. The application was not involved."
        : "This must not happen: please tell the makers.",
      mark: "done",
    };
  }

  ended(end: EndItem): void {
    if (this.#end !== undefined || !end.isCut) return;
    this.#end = end;
    const { sent, acknowledged, received, retained } = end.counts;
    this.#steps.push({
      key: "end",
      direction: "none",
      title: "The server destroys the socket",
      detail: `The old link's last counts, at the server: ${sent} entries sent, ${acknowledged} acknowledged, ${retained} retained, ${received} received from the page.`,
      mark: "break",
      at: end.at,
    });
  }

  linked({ item }: LinkView): void {
    const isLink = item.transport === "websocket";
    if (!isLink || this.#end === undefined || this.#link !== undefined) return;
    this.#link = item.link;
    this.#steps.push({
      key: "link",
      direction: "up",
      title: "A new link: GET, answered by 101",
      detail: "A new socket, a new key, a new accept value. The session does not know of it yet.",
      at: item.at,
    });
  }

  saw(frame: Frame): void {
    const { item, packet } = frame;
    if (packet === undefined) return;
    const key = String(item.number);
    if (item.isLost && packet.type === "event") {
      this.#steps.push({
        key,
        direction: "down",
        title: `The server sends ${packet.name}, entry ${item.position ?? "?"}`,
        detail: "Into the dead line.",
        mark: "lost",
        at: item.at,
      });
    } else if (item.link === this.#link) this.#sawOnNewLink(frame);
  }

  #sawOnNewLink({ item, packet }: Frame): void {
    if (packet === undefined) return;
    const step = { key: String(item.number), direction: item.direction, at: item.at };
    if (packet.type === "hello") {
      this.#steps.push({
        ...step,
        title: `hello: I have received ${packet.received ?? 0} entries`,
        detail: `It names the session and proves it by its secret. This is link number ${packet.link}.`,
      });
    } else if (packet.type === "welcome") {
      this.#steps.push({
        ...step,
        title: `welcome: ${packet.answer}. I have received ${packet.received}`,
        detail: `The server goes on at its entry ${packet.position}, the page at its entry ${packet.received}.`,
      });
    } else if (isCounted(packet) && this.#isAgain(item.direction, item.position, packet)) {
      const what = "name" in packet ? `${packet.type} ${packet.name}` : packet.type;
      this.#steps.push({
        ...step,
        title: `${what}, entry ${item.position ?? "?"}`,
        detail: "Sent again, since the count said that it was missing.",
        mark: "again",
      });
    }
  }

  /** Of the server's entries its count tells; of the page's own, what it has said into the dead line. */
  #isAgain(direction: "up" | "down", position: number | undefined, packet: object): boolean {
    if (direction === "down") return (position ?? 0) < (this.#end?.counts.sent ?? 0);
    const data = "data" in packet ? (packet.data as { id?: unknown } | undefined) : undefined;
    return typeof data?.id === "string" && this.upIds.includes(data.id);
  }
}
