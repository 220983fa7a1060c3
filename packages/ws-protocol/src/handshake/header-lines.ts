/**
 * The header lines of a message in the order in which they came. Names are compared in any case, line
 * by line: no name from the wire can reach an object's prototype, and for the some fifteen lines of a
 * request an index would cost more than all its look-ups.
 */

/** A name and a value; the value as latin1 code units, as HTTP carries it. */
export type HeaderLine = readonly [name: string, value: string];

/** The value of a header map: what Node's `IncomingHttpHeaders` holds. */
export type HeaderMap = Readonly<Record<string, string | readonly string[] | undefined>>;

export class HeaderLines implements Iterable<HeaderLine> {
  readonly #flat: readonly string[];

  private constructor(flat: readonly string[]) {
    this.#flat = flat;
  }

  /**
   * From names and values in turn, the form of Node's `rawHeaders`. Prefer it to `fromMap` on a
   * server: the map has already dropped or joined repeated lines, which the handshake would refuse.
   * The array is kept, not copied.
   *
   * @throws {TypeError} when the last name has no value.
   */
  static fromRaw(flat: readonly string[]): HeaderLines {
    if (flat.length % 2 !== 0) {
      throw new TypeError(`Raw headers come in pairs, but there are ${flat.length} strings`);
    }
    return new HeaderLines(flat);
  }

  /** From a plain map such as Node's `request.headers`; an array becomes one line per element. */
  static fromMap(map: HeaderMap): HeaderLines {
    const flat: string[] = [];
    for (const name of Object.keys(map)) {
      const value = map[name];
      if (typeof value === "string") flat.push(name, value);
      else if (value !== undefined) for (const element of value) flat.push(name, element);
    }
    return new HeaderLines(flat);
  }

  /** How many lines there are; a repeated name counts each time. */
  get count(): number {
    return this.#flat.length / 2;
  }

  has(name: string): boolean {
    return this.#find(lowerCase(name), 0) !== -1;
  }

  /** Whether more than one line is called `name`, in any case. */
  repeats(name: string): boolean {
    const lower = lowerCase(name);
    const first = this.#find(lower, 0);
    return first !== -1 && this.#find(lower, first + 2) !== -1;
  }

  /** The value of the first line called `name`, in any case. */
  value(name: string): string | undefined {
    const position = this.#find(lowerCase(name), 0);
    return position === -1 ? undefined : this.#flat[position + 1];
  }

  /** The values of all lines called `name`, in any case and in order; empty if there is none. */
  values(name: string): readonly string[] {
    const lower = lowerCase(name);
    let position = this.#find(lower, 0);
    if (position === -1) return NO_VALUES;
    // Of most there is one, and a list of one is made as such.
    const values = [this.#flat[position + 1]!];
    while (true) {
      position = this.#find(lower, position + 2);
      if (position === -1) return values;
      values.push(this.#flat[position + 1]!);
    }
  }

  /**
   * @internal Looks for many names in one pass. `places` gets the line of each that comes first, and behind
   * those of all names the line that comes second; -1 where there is none.
   */
  locate(names: HeaderNames, places: Int32Array): void {
    places.fill(-1);
    const flat = this.#flat;
    for (let position = 0; position < flat.length; position += 2) {
      const index = names.indexOf(flat[position]!);
      if (index === -1) continue;
      if (places[index] === -1) places[index] = position >> 1;
      else if (places[index + names.count] === -1) places[index + names.count] = position >> 1;
    }
  }

  /** @internal The value of one line, by its number. */
  valueAt(line: number): string {
    return this.#flat[2 * line + 1]!;
  }

  *[Symbol.iterator](): Iterator<HeaderLine> {
    for (let index = 0; index < this.#flat.length; index += 2) {
      yield [this.#flat[index]!, this.#flat[index + 1]!];
    }
  }

  /** The place of the first name that is `lower` in any case, at or after `from`; -1 for none. */
  #find(lower: string, from: number): number {
    const flat = this.#flat;
    for (let position = from; position < flat.length; position += 2) {
      if (isName(flat[position]!, lower)) return position;
    }
    return -1;
  }
}

const NO_VALUES: readonly string[] = [];

/** Names to look for together, in lower case. */
export class HeaderNames {
  readonly count: number;
  readonly #names: readonly string[];
  /** The places of the names of each length. */
  readonly #byLength: (readonly number[] | undefined)[] = [];

  constructor(names: readonly string[]) {
    this.count = names.length;
    this.#names = names;
    for (const [index, { length }] of names.entries()) {
      this.#byLength[length] = [...(this.#byLength[length] ?? []), index];
    }
  }

  /** The place of `name`, in any case, among the names; -1 if it is none of them. */
  indexOf(name: string): number {
    const candidates = this.#byLength[name.length];
    if (candidates === undefined) return -1;
    for (let at = 0; at < candidates.length; at++) {
      if (isName(name, this.#names[candidates[at]!]!)) return candidates[at]!;
    }
    return -1;
  }
}

/** Asked for are mostly names in lower case, of which `toLowerCase` would make a copy each time. */
function lowerCase(name: string): string {
  for (let index = 0; index < name.length; index++) {
    const code = name.charCodeAt(index);
    if (code >= CAPITAL_A && code <= CAPITAL_Z) return name.toLowerCase();
  }
  return name;
}

function isName(name: string, lower: string): boolean {
  if (name.length !== lower.length) return false;
  for (let index = 0; index < lower.length; index++) {
    const code = name.charCodeAt(index);
    const folded = code >= CAPITAL_A && code <= CAPITAL_Z ? code | LOWER_CASE : code;
    if (folded !== lower.charCodeAt(index)) return false;
  }
  return true;
}

const CAPITAL_A = 0x41;
const CAPITAL_Z = 0x5a;
const LOWER_CASE = 0x20;
