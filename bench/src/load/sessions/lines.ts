// Finds the lines in bytes that arrive in pieces.

export type OnLine = (bytes: Buffer, start: number, end: number) => void;

const LINE_FEED = 0x0a;

export class Lines {
  readonly #onLine: OnLine;
  #rest: Buffer | undefined;

  /** @param onLine gets every line, without its end. */
  constructor(onLine: OnLine) {
    this.#onLine = onLine;
  }

  receive(bytes: Buffer, from: number, to: number): void {
    let start = from;
    while (start < to) {
      const end = bytes.indexOf(LINE_FEED, start);
      if (end < 0 || end >= to) break;
      this.#line(bytes, start, end);
      start = end + 1;
    }
    if (start >= to) return;
    const piece = Buffer.from(bytes.subarray(start, to));
    this.#rest = this.#rest === undefined ? piece : Buffer.concat([this.#rest, piece]);
  }

  #line(bytes: Buffer, start: number, end: number): void {
    if (this.#rest === undefined) {
      this.#onLine(bytes, start, end);
      return;
    }
    const whole = Buffer.concat([this.#rest, bytes.subarray(start, end)]);
    this.#rest = undefined;
    this.#onLine(whole, 0, whole.length);
  }
}
