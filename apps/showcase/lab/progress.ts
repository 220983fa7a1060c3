// What is being measured, and how long it still takes: on standard error, so that the figures can be
// redirected. One line that changes where there is a terminal, else a line per step.
import type { LabTask, LabTransport } from "../shared/lab/contract.js";

const redrawMs = 250;

export class Progress {
  readonly #stream: NodeJS.WriteStream | undefined;
  readonly #stepMs: number;
  readonly #steps: number;
  #done = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param stream undefined to say nothing */
  constructor(stream: NodeJS.WriteStream | undefined, steps: number, stepMs: number) {
    this.#stream = stream;
    this.#steps = steps;
    this.#stepMs = stepMs;
  }

  begin(task: LabTask, transport: LabTransport): void {
    const startedAt = performance.now();
    const draw = (): void => {
      const passed = performance.now() - startedAt;
      const left = Math.max(0, (this.#steps - this.#done) * this.#stepMs - passed);
      const text = `${bar(this.#done, this.#steps)} ${task} over ${transport} · ${formatLeft(left)}`;
      if (this.#stream?.isTTY) this.#stream.write(`\r\x1b[K${text}`);
      else this.#stream?.write(`${text}\n`);
    };
    draw();
    if (this.#stream?.isTTY) this.#timer = setInterval(draw, redrawMs);
  }

  end(): void {
    this.#done += 1;
    this.clear();
  }

  /** Takes the line away. */
  clear(): void {
    clearInterval(this.#timer);
    if (this.#stream?.isTTY) this.#stream.write("\r\x1b[K");
  }
}

function bar(done: number, steps: number): string {
  return `[${"#".repeat(done)}${"·".repeat(steps - done)}]`;
}

function formatLeft(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  return seconds < 90 ? `${seconds} s left` : `${Math.ceil(seconds / 60)} min left`;
}
