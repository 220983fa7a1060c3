/**
 * The process under attack as a test sees it. It runs alone in a process with little heap, and one
 * well-behaved connection to it is open throughout: the bystander.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished } from "vitest";
import { requestHead } from "../../server/raw-client.js";
import { acceptance } from "../../support/raw-server.js";
import { Peer } from "../peer.js";
import { subjectProgram } from "./build.js";
import type { Measures, Order, Report, SubjectOptions } from "./orders.js";

export type Role = "server" | "client";
export const ROLES: readonly Role[] = ["server", "client"];

const { TIDEWIRE_HOSTILE, TIDEWIRE_HOSTILE_PRINT } = process.env;

/** The sizes at which a case was reported; by default smaller ones, which show the same. */
export const FULL: boolean = TIDEWIRE_HOSTILE === "full";

/** A tenth of what Node takes by default: whoever keeps what it is sent will die of it. */
const HEAP_MIB = 96;
const MIB = 1024 * 1024;

/** How often, and how far apart, it is asked again whether something is still kept. */
const KEPT_TRIES = 50;
const KEPT_PAUSE_MS = 100;

/** How a connection attempt of a client under attack ended. */
export interface Outcome {
  readonly code: string;
  readonly fault: string;
}

export interface AttackOptions {
  /** What goes along with the handshake, in one write. */
  readonly together?: Uint8Array;
  /** Header lines of ours: of the request to a server, of the answer to a client. */
  readonly lines?: readonly string[];
}

export interface Bounds {
  /** How far the process may have grown at its worst. Default 48: the collector is in no hurry. */
  readonly peakMiB?: number;
  /** What it may keep in the end, after a garbage collection. Default 4. */
  readonly keptMiB?: number;
}

export async function startSubject(role: Role, options: SubjectOptions = {}): Promise<Subject> {
  const child = fork(await subjectProgram(), [], {
    execArgv: ["--expose-gc", `--max-old-space-size=${HEAP_MIB}`],
    serialization: "advanced",
    stdio: ["ignore", "inherit", "pipe", "ipc"],
  });
  const subject = new Subject(role, child);
  await subject.begin(options);
  return subject;
}

export class Subject {
  readonly role: Role;
  readonly bystanders: Peer[] = [];
  /** Messages of the bystander before the attack. */
  warmMessages = 0;
  port = 0;
  path = "/";

  readonly #child: ChildProcess;
  readonly #waiting = new Map<string, (report: Report) => void>();
  readonly #gone: Promise<never>;
  #stderr = "";
  #nextId = 1;
  #baseline: Measures | undefined;
  /** Where a client under attack connects to. */
  #rawServer: Server | undefined;
  readonly #arrivals: ((socket: Socket) => void)[] = [];
  readonly #sockets = new Set<Socket>();

  constructor(role: Role, child: ChildProcess) {
    this.role = role;
    this.#child = child;
    child.stderr!.on("data", (text: Buffer) => {
      this.#stderr = (this.#stderr + text.toString()).slice(-2000);
    });
    child.on("message", (report: Report) => this.#take(report));
    const exit = once(child, "exit");
    this.#gone = exit.then(([code, signal]) => {
      throw new Error(`the process under attack ended (${code ?? signal}): ${this.#stderr}`);
    });
    this.#gone.catch(() => {});
    onTestFinished(async () => {
      for (const socket of this.#sockets) socket.destroy();
      this.#rawServer?.close();
      child.kill("SIGKILL");
      await exit;
    });
  }

  async begin(options: SubjectOptions): Promise<void> {
    if (this.role === "client") await this.#listen();
    const ready = await this.#ask({ type: "begin", role: this.role, options }, "ready");
    if (ready.type !== "ready") return;
    this.path = ready.path;
    if (this.role === "server") this.port = ready.port;
    if (options.holdsHandshakes !== true && ready.echoes) {
      const bystander = await this.attack();
      this.bystanders.push(bystander);
      for (let count = 0; count < 20; count++) await this.race(bystander.echo("warm"));
    }
    this.#baseline = await this.measure();
    this.warmMessages = this.#baseline.messages;
  }

  /** A connection whose other end is the process under attack, past the handshake. */
  async attack(options: AttackOptions = {}): Promise<Peer> {
    const { together = new Uint8Array(0), lines = [] } = options;
    if (this.role === "server") {
      const socket = this.dial();
      socket.write(Buffer.concat([Buffer.from(requestHead(this.path, ...lines)), together]));
      const rest = await this.#headOf(socket);
      expect(rest.head).toMatch(/^HTTP\/1\.1 101 /);
      return new Peer(socket, "client", rest.behind);
    }
    const { socket, outcome } = await this.arrival((request) =>
      Buffer.concat([Buffer.from(acceptance(request, ...lines)), together]),
    );
    const failure = await outcome;
    if (failure !== undefined) throw new Error(`the client refused: ${JSON.stringify(failure)}`);
    return new Peer(socket, "server", Buffer.alloc(0));
  }

  /** A connection to the server under attack on which nothing has been sent. */
  dial(): Socket {
    const socket = connect({ port: this.port, host: "127.0.0.1" });
    this.#guard(socket);
    return socket;
  }

  /** Has the client under attack connect, and answers its request with the bytes of `answer`. */
  async arrival(
    answer: (request: string) => Uint8Array | string | undefined,
  ): Promise<{ socket: Socket; outcome: Promise<Outcome | undefined> }> {
    const arrived = new Promise<Socket>((resolve) => this.#arrivals.push(resolve));
    const id = this.#nextId++;
    const url = `ws://127.0.0.1:${this.port}/`;
    const asked = this.#ask({ type: "connect", id, url }, `attempt ${id}`);
    const socket = await this.race(arrived);
    const { head } = await this.#headOf(socket);
    const bytes = answer(head);
    if (bytes !== undefined) {
      socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
    }
    const outcome = asked.then((report) =>
      report.type === "failed" ? { code: report.code, fault: report.fault } : undefined,
    );
    outcome.catch(() => {});
    return { socket, outcome };
  }

  /** What a server under attack answers to exactly these bytes: its status; 0 for no answer. */
  async statusOf(bytes: string | Uint8Array): Promise<number> {
    const socket = this.dial();
    socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
    const { head } = await this.#headOf(socket);
    socket.destroy();
    return Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0);
  }

  /** How a client under attack takes this answer; undefined if it opens. */
  async outcomeOf(answer: (request: string) => string): Promise<Outcome | undefined> {
    const { socket, outcome } = await this.arrival(answer);
    const result = await outcome;
    socket.destroy();
    return result;
  }

  /** Lets the handshakes that are held go on. */
  admit(): void {
    this.#child.send({ type: "admit" } satisfies Order);
  }

  async measure(): Promise<Measures> {
    const id = this.#nextId++;
    const report = await this.#ask({ type: "measure", id }, `measure ${id}`);
    if (report.type !== "measured") throw new Error("no measures");
    return report.measures;
  }

  /** Measures until it is so; the test's own time limit ends it. */
  async until(condition: (measures: Measures) => boolean): Promise<Measures> {
    for (;;) {
      const measures = await this.measure();
      if (condition(measures)) return measures;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Which rules its peers have broken; a client tells when the connection is gone. */
  async expectFaults(...faults: string[]): Promise<void> {
    const measures = await this.until((now) => now.faults.length >= faults.length);
    expect(measures.faults).toEqual(faults);
  }

  /** The close code that the peer is sent, if the process does not outgrow its bound before. */
  async closeCodeOf(peer: Peer, peakMiB = 48): Promise<number> {
    let code: number | undefined;
    void peer.closed.then((told) => {
      code = told;
    });
    await this.until(({ rssPeakBytes }) => {
      const grown = rssPeakBytes - this.#baseline!.rssBytes;
      expect(grown / MIB, "MiB that the process has grown by").toBeLessThan(peakMiB);
      return code !== undefined;
    });
    return code!;
  }

  /** Alive, no larger than `bounds`, and the bystander is still being answered. */
  async expectUnharmed({ peakMiB = 48, keptMiB = 4 }: Bounds = {}): Promise<Measures> {
    for (const bystander of this.bystanders) await this.race(bystander.echo("still here"));
    let measures = await this.measure();
    // What is still on its way out is not kept: it may take a busy machine a while.
    const isKept = (): boolean => measures.keptBytes - this.#baseline!.keptBytes >= keptMiB * MIB;
    for (let tries = 0; isKept() && tries < KEPT_TRIES; tries += 1) {
      await delay(KEPT_PAUSE_MS);
      measures = await this.measure();
    }
    const grown = measures.rssPeakBytes - this.#baseline!.rssBytes;
    const kept = measures.keptBytes - this.#baseline!.keptBytes;
    expect(grown / MIB, "MiB that the process has grown by").toBeLessThan(peakMiB);
    expect(kept / MIB, "MiB that it keeps").toBeLessThan(keptMiB);
    if (TIDEWIRE_HOSTILE_PRINT !== undefined) {
      const { currentTestName } = expect.getState();
      const figures = [grown / MIB, kept / MIB, measures.stallMs].map((each) => each.toFixed(1));
      console.log(
        `${currentTestName}: grew ${figures[0]} MiB, keeps ${figures[1]}, stall ${figures[2]} ms`,
      );
    }
    return measures;
  }

  /** The promise, or the error that the process under attack has ended. */
  race<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([promise, this.#gone]);
  }

  async #headOf(socket: Socket): Promise<{ head: string; behind: Buffer }> {
    const result = await this.race(readHead(socket));
    // Its connections end before its exit is known: no answer may be the end of the process.
    if (result.head === "") await this.measure();
    return result;
  }

  async #listen(): Promise<void> {
    const server = createServer((socket) => {
      this.#guard(socket);
      this.#arrivals.shift()?.(socket);
    });
    this.#rawServer = server;
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address !== null && typeof address === "object") this.port = address.port;
  }

  #guard(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => this.#sockets.delete(socket));
    socket.setNoDelay(true);
  }

  #ask(order: Order, key: string): Promise<Report> {
    const answered = new Promise<Report>((resolve) => this.#waiting.set(key, resolve));
    // A process that has ended cannot be told anything; `#gone` says so.
    this.#child.send(order, () => {});
    return this.race(answered);
  }

  #take(report: Report): void {
    const key =
      report.type === "ready"
        ? "ready"
        : report.type === "measured"
          ? `measure ${report.id}`
          : `attempt ${report.id}`;
    this.#waiting.get(key)?.(report);
    this.#waiting.delete(key);
  }
}

/** Reads until an empty line, or the end, and pauses; the rest belongs to whoever comes next. */
function readHead(socket: Socket): Promise<{ head: string; behind: Buffer }> {
  let received = Buffer.alloc(0);
  return new Promise((resolve) => {
    const finish = (): void => {
      socket.pause();
      socket.off("data", take);
      socket.off("close", finish);
      const end = received.indexOf("\r\n\r\n");
      const length = end === -1 ? received.length : end + 4;
      const head = received.subarray(0, length).toString("latin1");
      resolve({ head, behind: received.subarray(length) });
    };
    const take = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      if (received.includes("\r\n\r\n")) finish();
    };
    socket.on("data", take);
    socket.on("close", finish);
  });
}
