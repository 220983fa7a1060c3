// What the page knows of its own connection: reports of the server about it, which come over a second
// session so that they are not on the line that they report.
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Counts, Report, Saying } from "../../../shared/wire/contract.js";
import { framesMax } from "../../../shared/wire/limits.js";
import type { ShowcaseClient } from "../../session/session.js";
import { randomId } from "../../session/tab-token.js";
import { CutStory, type StoryStep } from "./cut-story.js";
import { type Frame, readFrame } from "./frame.js";
import { everything, type FrameFilter, matches } from "./frame-filter.js";
import type { LinkView } from "./link-view.js";
import { Specimen } from "./specimen.js";

export type Look =
  | { readonly type: "beginning" }
  | { readonly type: "looking" }
  | { readonly type: "failed"; readonly reason: string };

/** Links that are kept: older ones tell nothing new. */
const linksMax = 10;

export class WireModel {
  readonly #page: ShowcaseClient;
  readonly #watcher: ShowcaseClient;
  readonly #offs: (() => void)[] = [];
  readonly #look = signal<Look>({ type: "beginning" });
  readonly #links = signal<readonly LinkView[]>([]);
  readonly #frames = signal<readonly Frame[]>([]);
  readonly #held = signal<readonly Frame[]>([]);
  readonly #counts = signal<Counts | undefined>(undefined);
  readonly #acknowledgedUp = signal<number | undefined>(undefined);
  readonly #omitted = signal(0);
  readonly #story = signal<
    { readonly story: CutStory; readonly steps: readonly StoryStep[] } | undefined
  >(undefined);
  readonly isPaused = signal(false);
  readonly filter = signal<FrameFilter>(everything);
  /** The number of the frame that is shown in full. */
  readonly chosen = signal<number | undefined>(undefined);
  #specimen: Specimen | undefined;
  /** How often the look has begun: an answer to an earlier beginning does not count. */
  #looks = 0;
  #isDisposed = false;

  /** @param watcher a session of its own; is closed with the model */
  constructor(page: ShowcaseClient, watcher: ShowcaseClient) {
    this.#page = page;
    this.#watcher = watcher;
    this.#offs.push(
      watcher.on("wire.report", (report) => this.#reported(report)),
      watcher.on("wire.over", () => this.#fail("The server does not look any more.")),
      watcher.watch("linked", ({ answer, first }) => {
        if (!first && answer !== "resumed") void this.look();
      }),
      page.watch("linked", ({ answer, first }) => {
        const isDone = answer !== "fresh" && this.#look.peek().type !== "failed";
        if (!first && !isDone) void this.look();
      }),
      page.on("wire.said", ({ id }) => this.#heard(id)),
    );
    void this.look();
  }

  get state(): ReadonlySignal<Look> {
    return this.#look;
  }

  /** The links since the look began, the oldest first. */
  get links(): ReadonlySignal<readonly LinkView[]> {
    return this.#links;
  }

  /** The latest, the oldest first; those that came during a pause are not among them. */
  get frames(): ReadonlySignal<readonly Frame[]> {
    return this.#frames;
  }

  readonly shown: ReadonlySignal<readonly Frame[]> = computed(() => {
    const filter = this.filter.value;
    return this.#frames.value.filter((frame) => matches(frame, filter));
  });

  /** What one can filter by: all that has been seen. */
  readonly kinds: ReadonlySignal<readonly string[]> = computed(() =>
    [...new Set(this.#frames.value.map(({ kind }) => kind))].sort(),
  );

  readonly chosenFrame: ReadonlySignal<Frame | undefined> = computed(() => {
    const number = this.chosen.value;
    return this.#frames.value.find(({ item }) => item.number === number);
  });

  /** How many frames have come during the pause. */
  readonly heldCount: ReadonlySignal<number> = computed(() => this.#held.value.length);

  /** As the server sees the two logs. */
  get counts(): ReadonlySignal<Counts | undefined> {
    return this.#counts;
  }

  /** How many of the page's entries the server has acknowledged; undefined until it did. */
  get acknowledgedUp(): ReadonlySignal<number | undefined> {
    return this.#acknowledgedUp;
  }

  /** Frames that the server has left out, since there were too many. */
  get omitted(): ReadonlySignal<number> {
    return this.#omitted;
  }

  /** Of the latest cut. */
  readonly story: ReadonlySignal<readonly StoryStep[]> = computed(
    () => this.#story.value?.steps ?? [],
  );

  readonly isCutting: ReadonlySignal<boolean> = computed(
    () => this.#story.value !== undefined && !this.#story.value.story.isDone,
  );

  /** Begins, or begins anew: for the session that the page has now. */
  async look(): Promise<void> {
    this.#looks += 1;
    const look = this.#looks;
    this.#look.value = { type: "beginning" };
    try {
      const { ticket } = await this.#page.request("wire.inspect");
      await this.#watcher.request("wire.watch", { ticket });
      if (look === this.#looks) this.#look.value = { type: "looking" };
    } catch (error) {
      if (!this.#isDisposed && look === this.#looks)
        this.#fail(error instanceof Error ? error.message : String(error));
    }
  }

  pause(): void {
    this.isPaused.value = true;
  }

  resume(): void {
    this.isPaused.value = false;
    this.#add(this.#held.peek());
    this.#held.value = [];
  }

  clear(): void {
    this.#frames.value = [];
    this.#held.value = [];
    this.#omitted.value = 0;
    this.chosen.value = undefined;
  }

  say(saying: Omit<Saying, "id">): void {
    this.#page.emit("wire.say", { id: randomId(), ...saying });
  }

  /** Says something over a connection that compresses, which is opened when there is none. */
  async sayCompressed(text: string): Promise<void> {
    if (this.#specimen === undefined || this.#specimen.isOver) {
      const { ticket } = await this.#watcher.request("wire.specimen");
      if (ticket === undefined || this.#isDisposed) return;
      this.#specimen = new Specimen(ticket);
    }
    this.#specimen.say(text);
  }

  /** Asks the session's other end for a sign of life. */
  pingSession(): void {
    this.#page.retry();
  }

  /** Asks the server for a Ping frame, since no page can send one. */
  async pingSocket(): Promise<void> {
    await this.#watcher.request("wire.ping").catch(() => {});
  }

  async cut(): Promise<void> {
    const story = new CutStory(randomId().slice(0, 8));
    this.#tell(story);
    try {
      const { isDead } = await this.#watcher.request("wire.cut", { id: story.id });
      if (!isDead) {
        this.#story.value = undefined;
        return;
      }
      for (const id of story.upIds)
        this.#page.emit("wire.say", { id, text: "Up, into the dead line" });
      story.saidIntoIt();
      this.#tell(story);
    } catch {
      this.#story.value = undefined;
    }
  }

  dispose(): void {
    this.#isDisposed = true;
    for (const off of this.#offs.splice(0)) off();
    this.#specimen?.close();
    this.#watcher.close();
  }

  #fail(reason: string): void {
    this.#look.value = { type: "failed", reason };
  }

  #reported({ items, omitted, counts }: Report): void {
    this.#counts.value = counts;
    if (omitted > 0) this.#omitted.value += omitted;
    const story = this.#story.peek()?.story;
    const frames: Frame[] = [];
    for (const item of items) {
      if (item.type === "frame") {
        const frame = readFrame(item);
        if (frame === undefined) continue;
        frames.push(frame);
        this.#follow(frame);
        story?.saw(frame);
      } else if (item.type === "link") {
        const view = { item, end: undefined };
        this.#links.value = [...this.#links.peek(), view].slice(-linksMax);
        story?.linked(view);
      } else {
        this.#links.value = this.#links
          .peek()
          .map((view) => (view.item.link === item.link ? { ...view, end: item } : view));
        story?.ended(item);
      }
    }
    if (story !== undefined) this.#tell(story);
    if (this.isPaused.peek())
      this.#held.value = [...this.#held.peek(), ...frames].slice(-framesMax);
    else if (frames.length > 0) this.#add(frames);
  }

  #add(frames: readonly Frame[]): void {
    this.#frames.value = [...this.#frames.peek(), ...frames].slice(-framesMax);
  }

  #follow({ item, packet }: Frame): void {
    if (item.direction !== "down") return;
    const count =
      packet?.type === "ack"
        ? packet.count
        : packet?.type === "welcome"
          ? packet.received
          : undefined;
    if (count !== undefined) this.#acknowledgedUp.value = count;
  }

  #heard(id: string): void {
    const story = this.#story.peek()?.story;
    if (story === undefined) return;
    story.heard(id);
    this.#tell(story);
  }

  /** A new object each time, since the story itself changes. */
  #tell(story: CutStory): void {
    this.#story.value = { story, steps: [...story.steps] };
  }
}
