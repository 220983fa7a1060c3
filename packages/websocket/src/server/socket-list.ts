/**
 * The sockets of a server, in the order in which they opened.
 *
 * Not a Set: one that changes much replaces its table every few dozen changes, and each table refers to
 * the one that followed. As soon as V8 has moved a table to its old generation, all later ones, with the
 * sockets that were open then, are copied by its collections of young objects as if still in use.
 */

/** What the list writes into its sockets. */
export interface Listed {
  /** Where it stands; `NOT_LISTED` otherwise. */
  listPlace: number;
  /** How many were added before it. */
  listNumber: number;
}

export const NOT_LISTED = -1;

/** Below this many places, gaps are cheaper than closing them. */
const PLACES_MIN = 32;

export class SocketList<S extends Listed> implements Iterable<S> {
  /** How many sockets there are. */
  size = 0;

  /** With gaps, at most as many as sockets, where some have gone. */
  readonly #places: (S | undefined)[] = [];
  #added = 0;
  /** How often the gaps were closed, so that those who are on their way notice. */
  #closings = 0;

  has(socket: S): boolean {
    return socket.listPlace !== NOT_LISTED && this.#places[socket.listPlace] === socket;
  }

  /** Each socket once. */
  add(socket: S): void {
    socket.listNumber = this.#added++;
    socket.listPlace = this.#places.push(socket) - 1;
    this.size++;
  }

  delete(socket: S): void {
    if (!this.has(socket)) return;
    this.#places[socket.listPlace] = undefined;
    socket.listPlace = NOT_LISTED;
    this.size--;
    const { length } = this.#places;
    if (length > PLACES_MIN && this.size < length / 2) this.#closeGaps();
  }

  /** Sockets may come and go while it runs, as in a Set. */
  *[Symbol.iterator](): IterableIterator<S> {
    let closings = this.#closings;
    let place = 0;
    let latest = -1;
    while (true) {
      if (closings !== this.#closings) {
        closings = this.#closings;
        place = this.#findBehind(latest);
      }
      if (place >= this.#places.length) return;
      const socket = this.#places[place++];
      if (socket === undefined) continue;
      latest = socket.listNumber;
      yield socket;
    }
  }

  #closeGaps(): void {
    const places = this.#places;
    let count = 0;
    for (const socket of places) {
      if (socket === undefined) continue;
      socket.listPlace = count;
      places[count++] = socket;
    }
    places.length = count;
    this.#closings++;
  }

  #findBehind(number: number): number {
    const place = this.#places.findIndex((one) => one !== undefined && one.listNumber > number);
    return place === -1 ? this.#places.length : place;
  }
}
