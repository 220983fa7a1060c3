// How far the run is: on standard error, so that the report can be redirected. One line that changes
// where there is a terminal, else a line now and then.

const redrawMs = { terminal: 100, file: 2_000 } as const;

export class Progress {
  readonly #stream: NodeJS.WriteStream;
  #timer: NodeJS.Timeout | undefined;
  #last = "";

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /** Shows what `tell` answers, again and again. */
  begin(tell: () => string): void {
    this.end();
    const draw = (): void => this.#draw(tell());
    draw();
    this.#timer = setInterval(draw, this.#stream.isTTY ? redrawMs.terminal : redrawMs.file);
  }

  /** Takes the line away. */
  end(): void {
    clearInterval(this.#timer);
    if (this.#stream.isTTY) this.#stream.write("\r\x1b[K");
  }

  #draw(text: string): void {
    if (this.#stream.isTTY) this.#stream.write(`\r\x1b[K${text}`);
    else if (text !== this.#last) this.#stream.write(`${text}\n`);
    this.#last = text;
  }
}

/** “[#####·····] 512 of 1,000 …”. */
export function bar(done: number, all: number, what: string): string {
  const width = 24;
  const filled = all === 0 ? width : Math.floor((Math.min(done, all) / all) * width);
  return `[${"#".repeat(filled)}${"·".repeat(width - filled)}] ${done} of ${all} ${what}`;
}
