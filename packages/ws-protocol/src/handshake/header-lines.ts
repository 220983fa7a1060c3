/**
 * The header lines of a message in the order in which they came. Names are compared in any case and
 * looked up in a `Map`, so that no name from the wire can reach an object's prototype.
 */

/** A name and a value; the value as latin1 code units, as HTTP carries it. */
export type HeaderLine = readonly [name: string, value: string];

/** The value of a header map: what Node's `IncomingHttpHeaders` holds. */
export type HeaderMap = Readonly<Record<string, string | readonly string[] | undefined>>;

export class HeaderLines implements Iterable<HeaderLine> {
  readonly #flat: readonly string[];
  #index: Map<string, string[]> | undefined;

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
    return this.#lookup(name) !== undefined;
  }

  /** The value of the first line called `name`, in any case. */
  value(name: string): string | undefined {
    return this.#lookup(name)?.[0];
  }

  /** The values of all lines called `name`, in any case and in order; empty if there is none. */
  values(name: string): readonly string[] {
    return this.#lookup(name) ?? NO_VALUES;
  }

  *[Symbol.iterator](): Iterator<HeaderLine> {
    for (let index = 0; index < this.#flat.length; index += 2) {
      yield [this.#flat[index]!, this.#flat[index + 1]!];
    }
  }

  #lookup(name: string): string[] | undefined {
    this.#index ??= createIndex(this.#flat);
    return this.#index.get(name.toLowerCase());
  }
}

const NO_VALUES: readonly string[] = [];

function createIndex(flat: readonly string[]): Map<string, string[]> {
  const index = new Map<string, string[]>();
  for (let position = 0; position < flat.length; position += 2) {
    const name = flat[position]!.toLowerCase();
    const values = index.get(name);
    if (values === undefined) index.set(name, [flat[position + 1]!]);
    else values.push(flat[position + 1]!);
  }
  return index;
}
