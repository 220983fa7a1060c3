// Who has what in one room. Each person has two marks, up to where messages have arrived and up to where
// they were read, whatever number of messages that is; from these follow the figures of all messages at
// once: people + messages, never people × messages.
import type { Person, Receipt, Said } from "../../../shared/chat/contract.js";
import { type Fate, fateOf, fates, type Reach } from "../../../shared/chat/fate.js";
import { receiptNamesMax } from "../../../shared/chat/limits.js";
import { receiptPeopleMax } from "./limits.js";

interface Marks {
  name: string;
  /** What was said before is not for them. */
  readonly since: number;
  delivered: number;
  read: number;
}

/** The people whom one message has reached, the first of each. */
export interface ReachedPeople {
  readonly readBy: Person[];
  readonly deliveredTo: Person[];
  readonly waitingFor: Person[];
}

export class Receipts {
  /** Whether a person counts although a message has not arrived: others are gone without it. */
  readonly #isExpected: (person: string) => boolean;
  readonly #people = new Map<string, Marks>();
  /** What was told last, by author and id of the message. */
  #told = new Map<string, Receipt>();

  constructor(isExpected: (person: string) => boolean) {
    this.#isExpected = isExpected;
  }

  /** A person comes in; who was here before goes on from there. */
  add(person: Person, since: number): void {
    this.rename(person);
    if (this.#people.has(person.id)) return;
    this.#people.set(person.id, { name: person.name, since, delivered: since, read: since });
    this.#forgetOne();
  }

  rename({ id, name }: Person): void {
    const known = this.#people.get(id);
    if (known !== undefined) known.name = name;
  }

  nameOf(person: string): string | undefined {
    return this.#people.get(person)?.name;
  }

  /** Up to where a person has read, as far as is known. */
  readUpTo(person: string): number {
    return this.#people.get(person)?.read ?? 0;
  }

  /**
   * What a person says of itself: never less than before, and never more than there is.
   * @returns whether that is news
   */
  note(person: string, delivered: number, read: number, latest: number): boolean {
    const marks = this.#people.get(person);
    if (marks === undefined) return false;
    const seen = Math.max(marks.read, Math.min(read, latest));
    const there = Math.max(marks.delivered, Math.min(delivered, latest), seen);
    const isNews = seen > marks.read || there > marks.delivered;
    marks.read = seen;
    marks.delivered = there;
    return isNews;
  }

  /** By author, what has changed since the last time. @param messages in their order */
  takeNews(messages: readonly Said[]): Map<string, Receipt[]> {
    const news = new Map<string, Receipt[]>();
    const told = new Map<string, Receipt>();
    const reaches = this.#count(messages);
    for (const [index, said] of messages.entries()) {
      const reach = reaches[index];
      if (reach === undefined) continue;
      const key = `${said.by.id}/${said.id}`;
      const before = this.#told.get(key);
      const receipt = { id: said.id, fate: laterOf(before?.fate, fateOf(reach)), ...reach };
      told.set(key, receipt);
      if (before !== undefined && isSame(before, receipt)) continue;
      news.set(said.by.id, [...(news.get(said.by.id) ?? []), receipt]);
    }
    this.#told = told;
    return news;
  }

  /** What an author was told, or would have been. */
  of(author: string, messages: readonly Said[]): Receipt[] {
    return messages.flatMap((said) => {
      const receipt = said.by.id === author ? this.#told.get(`${author}/${said.id}`) : undefined;
      return receipt === undefined ? [] : [receipt];
    });
  }

  /** Who in particular has one message. */
  reachOf(said: Said): Reach & ReachedPeople {
    const people: ReachedPeople = { readBy: [], deliveredTo: [], waitingFor: [] };
    for (const [id, marks] of this.#people) {
      if (id === said.by.id || marks.since >= said.at) continue;
      const list =
        marks.read >= said.at
          ? people.readBy
          : marks.delivered >= said.at
            ? people.deliveredTo
            : people.waitingFor;
      if (list === people.waitingFor && !this.#isExpected(id)) continue;
      if (list.length < receiptNamesMax) list.push({ id, name: marks.name });
    }
    const [reach = { of: 0, delivered: 0, read: 0 }] = this.#count([said]);
    return { ...reach, ...people };
  }

  #count(messages: readonly Said[]): Reach[] {
    const times = messages.map(({ at }) => at);
    const of = new Tally(times);
    const delivered = new Tally(times);
    const read = new Tally(times);
    for (const [id, marks] of this.#people) {
      const end = this.#isExpected(id) ? Number.POSITIVE_INFINITY : marks.delivered;
      of.add(marks.since, end);
      delivered.add(marks.since, marks.delivered);
      read.add(marks.since, marks.read);
    }
    const sums = [of.sums(), delivered.sums(), read.sums()] as const;
    return messages.map(({ at, by }, index) => {
      const [ofAll = 0, deliveredToAll = 0, readByAll = 0] = sums.map((sum) => sum[index]);
      const author = this.#people.get(by.id);
      const isIn = author !== undefined && author.since < at;
      // Authors are among the people, but a message is not for its author.
      const less = (hasIt: boolean): number => (isIn && hasIt ? 1 : 0);
      return {
        of: ofAll - less(this.#isExpected(by.id) || (author?.delivered ?? 0) >= at),
        delivered: deliveredToAll - less((author?.delivered ?? 0) >= at),
        read: readByAll - less((author?.read ?? 0) >= at),
      };
    });
  }

  /** Somebody who is gone; those who are here are fewer than the bound. */
  #forgetOne(): void {
    if (this.#people.size <= receiptPeopleMax) return;
    for (const id of this.#people.keys()) {
      if (this.#isExpected(id)) continue;
      this.#people.delete(id);
      return;
    }
  }
}

/** How many spans lie over each of the times, from the spans' ends alone. */
class Tally {
  readonly #times: readonly number[];
  readonly #steps: number[];

  constructor(times: readonly number[]) {
    this.#times = times;
    this.#steps = new Array<number>(times.length + 1).fill(0);
  }

  /** One more over the times after `since`, up to and with `until`. */
  add(since: number, until: number): void {
    const from = this.#countUpTo(since);
    const to = this.#countUpTo(until);
    if (to <= from) return;
    this.#steps[from] = (this.#steps[from] ?? 0) + 1;
    this.#steps[to] = (this.#steps[to] ?? 0) - 1;
  }

  sums(): number[] {
    let sum = 0;
    return this.#times.map((_, index) => {
      sum += this.#steps[index] ?? 0;
      return sum;
    });
  }

  #countUpTo(time: number): number {
    let [low, high] = [0, this.#times.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#times[middle] ?? 0) <= time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Somebody who comes back without having a message does not undo what its author was told. */
function laterOf(before: Fate | undefined, now: Fate): Fate {
  return before !== undefined && fates.indexOf(before) > fates.indexOf(now) ? before : now;
}

function isSame(one: Receipt, other: Receipt): boolean {
  const { fate, of, delivered, read } = other;
  return one.fate === fate && one.of === of && one.delivered === delivered && one.read === read;
}
