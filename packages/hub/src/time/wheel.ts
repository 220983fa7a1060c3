// One timer for everything that waits: a wheel of slots, each a set of what to look at then.
//
// Theory. What is told here has a next deadline of its own. It stands in exactly one slot, at the
// latest `wheelHorizonMs` ahead, and is looked at when the slot comes up; then it does what is due and
// takes its place anew. So memory is one place per member, whatever is scheduled, and a deadline that
// arises without `schedule` being called is late by the horizon at most.
//
// A slot is a list that nothing is taken out of: who is gone, or stands elsewhere by now, is passed over
// when it comes up. Until then, for the horizon at most, its place there keeps it from being collected.

import { wheelHorizonMs, wheelSlotMs } from "../limits.js";
import type { Platform } from "../platform.js";

/** Something with deadlines. */
export interface Ticking {
  /** When `tick` is wanted; infinity: never, as things stand. */
  readonly nextTickAt: number;
  /** Does what is due. Must not throw. */
  tick(now: number): void;
  /** In which slot it stands: the wheel's own note. */
  wheelSlot?: number | undefined;
}

const slots = Math.ceil(wheelHorizonMs / wheelSlotMs) + 1;

export class Wheel {
  readonly #platform: Platform;
  #size = 0;
  /** Those that are looked at in this turn: they stand in no slot any more. */
  #due: Ticking[] = [];
  readonly #slots: Ticking[][] = Array.from({ length: slots }, () => []);
  readonly #origin: number;
  #done: number;
  #timerSlot = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(platform: Platform) {
    this.#platform = platform;
    this.#origin = platform.now();
    this.#done = 0;
  }

  get size(): number {
    return this.#size;
  }

  /** Takes something in, or moves it forward when its deadline came nearer. Cheap when it did not. */
  schedule(member: Ticking): void {
    const now = this.#platform.now();
    const at = Math.min(member.nextTickAt, now + wheelHorizonMs);
    const slot = Math.max(this.#done + 1, Math.ceil((at - this.#origin) / wheelSlotMs));
    const place = member.wheelSlot;
    if (place !== undefined && place <= slot) return;
    this.remove(member);
    this.#put(member, slot);
  }

  remove(member: Ticking): void {
    if (member.wheelSlot === undefined) return;
    member.wheelSlot = undefined;
    this.#size -= 1;
  }

  /** Stops the timer and forgets all members. */
  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    for (const members of [this.#due, ...this.#slots]) {
      for (const member of members) this.remove(member);
    }
    for (const slot of this.#slots.keys()) this.#slots[slot] = [];
    this.#timerSlot = Number.POSITIVE_INFINITY;
  }

  #put(member: Ticking, wanted: number): void {
    // After a pause of the process the current slot is far behind: stay within one turn of it.
    const slot = Math.min(wanted, this.#done + slots - 1);
    this.#slots[slot % slots]!.push(member);
    member.wheelSlot = slot;
    this.#size += 1;
    this.#arm(slot);
  }

  #arm(slot: number): void {
    if (slot >= this.#timerSlot) return;
    this.#cancel?.();
    this.#timerSlot = slot;
    const at = this.#origin + slot * wheelSlotMs;
    this.#cancel = this.#platform.after(Math.max(0, at - this.#platform.now()), () => this.#turn());
  }

  #turn(): void {
    this.#timerSlot = Number.POSITIVE_INFINITY;
    this.#cancel = undefined;
    const now = this.#platform.now();
    const until = Math.floor((now - this.#origin) / wheelSlotMs);
    const first = this.#done + 1;
    const last = Math.min(until, this.#done + slots - 1);
    this.#done = Math.max(this.#done, until);
    const due: Ticking[] = [];
    this.#due = due;
    for (let slot = first; slot <= last; slot += 1) {
      const members = this.#slots[slot % slots]!;
      if (members.length === 0) continue;
      this.#slots[slot % slots] = [];
      for (const member of members) if (member.wheelSlot === slot) due.push(member);
    }
    for (const member of due) this.#look(member, now);
    this.#due = [];
    this.#armNext();
  }

  #look(member: Ticking, now: number): void {
    const place = member.wheelSlot;
    if (place === undefined || place > this.#done) return;
    if (now >= member.nextTickAt) member.tick(now);
    // What it did may have taken it out, or given it another place.
    if (member.wheelSlot !== place) return;
    this.remove(member);
    if (member.nextTickAt === Number.POSITIVE_INFINITY && !isLasting(member)) return;
    this.schedule(member);
  }

  #armNext(): void {
    if (this.#size === 0) return;
    for (let slot = this.#done + 1; slot < this.#done + slots; slot += 1) {
      if (this.#slots[slot % slots]!.length > 0) {
        this.#arm(slot);
        return;
      }
    }
  }
}

/** Members whose deadlines may arise unseen stay in the wheel. */
export interface Lasting extends Ticking {
  readonly isLasting: true;
}

function isLasting(member: Ticking): boolean {
  return (member as Partial<Lasting>).isLasting === true;
}
