// All the games of this server on the hub: who plays and hosts by which session, what is told to
// whom, and when. What a game is, is in game.ts.
//
// Per question, every player gets two messages: the question, which is encoded once for the room, and
// the own result. An answer costs its reply. Hosts are told of answers and arrivals together, a few
// times a second.
import { randomInt } from "node:crypto";
import { FailureError } from "@tidewire/hub";
import type { HostView, PlayerView, Receipt, Row } from "../../../shared/quiz/contract.js";
import { codeLength, scoresPageMax } from "../../../shared/quiz/limits.js";
import type { QuestionSet } from "../../../shared/quiz/question-set.js";
import type { ShowcaseHub } from "../../hub/create-hub.js";
import { Game } from "./game.js";
import { abandonedMs, gamesMax, idleMs, progressIntervalMs, sweepMs } from "./limits.js";
import type { Player } from "./player.js";
import { refuse } from "./refusal.js";
import { type QuizPeer, Visitor } from "./visitor.js";

interface Seat {
  readonly code: string;
  readonly token: string;
}

/** A game, and what keeps it going. */
interface Running {
  readonly game: Game;
  /** The sessions of its host. */
  readonly hosts: Set<string>;
  touchedAt: number;
  deadline: NodeJS.Timeout | undefined;
  progress: NodeJS.Timeout | undefined;
}

export class Quiz {
  readonly #hub: ShowcaseHub;
  readonly #now: () => number;
  readonly #games = new Map<string, Running>();
  readonly #byHost = new Map<string, Running>();
  readonly #visitors = new Map<string, Visitor>();
  readonly #sweep: NodeJS.Timeout;

  /** @param now milliseconds of a clock that is never set back */
  constructor(hub: ShowcaseHub, now: () => number) {
    this.#hub = hub;
    this.#now = now;
    this.#sweep = setInterval(() => this.sweep(), sweepMs);
    this.#sweep.unref();
  }

  // ── For hosts ────────────────────────────────────────────────────────────────────────────────

  create(peer: QuizPeer, token: string, set: QuestionSet): HostView {
    const known = this.#byHost.get(token);
    if (known !== undefined) return this.host(peer, token);
    const visitor = this.#visitor(peer);
    visitor.create(this.#now());
    // One game per session: whoever opens another one is done with the last.
    if (visitor.hosts !== undefined) this.end(peer, visitor.hosts);
    if (this.#games.size >= gamesMax) {
      const reason = `There are ${gamesMax} games, which is the most. Try again when one is over.`;
      throw new FailureError("games-in-total", reason);
    }
    const running: Running = {
      game: new Game(this.#newCode(), token, set),
      hosts: new Set(),
      touchedAt: this.#now(),
      deadline: undefined,
      progress: undefined,
    };
    this.#games.set(running.game.code, running);
    this.#byHost.set(token, running);
    return this.#enterAsHost(visitor, running);
  }

  host(peer: QuizPeer, token: string): HostView {
    const visitor = this.#visitor(peer);
    visitor.try(this.#now());
    return this.#enterAsHost(visitor, this.#hosted(token));
  }

  /** From an earlier step: it has happened already. */
  advance(peer: QuizPeer, token: string, step: number): null {
    this.#visitor(peer).try(this.#now());
    const running = this.#hosted(token);
    if (step === running.game.step) this.#advance(running);
    return null;
  }

  remove(peer: QuizPeer, token: string, id: string): null {
    this.#visitor(peer).try(this.#now());
    const running = this.#hosted(token);
    const player = running.game.find(id);
    if (player === undefined) return null;
    this.#dismiss(running, player, "removed");
    running.game.remove(player, { isBanned: true });
    this.#changed(running);
    return null;
  }

  end(peer: QuizPeer, token: string): null {
    this.#visitor(peer).try(this.#now());
    this.#over(this.#hosted(token), "ended");
    return null;
  }

  scores(peer: QuizPeer, token: string, from: number): { rows: Row[]; total: number } {
    this.#visitor(peer).try(this.#now());
    const { game } = this.#hosted(token);
    return { rows: game.rows(from, scoresPageMax), total: game.size };
  }

  // ── For players ──────────────────────────────────────────────────────────────────────────────

  join(peer: QuizPeer, { code, token }: Seat, nickname: string): PlayerView {
    const visitor = this.#visitor(peer);
    visitor.try(this.#now());
    const running = this.#game(code);
    return this.#enter(visitor, running, running.game.join(token, nickname));
  }

  return(peer: QuizPeer, { code, token }: Seat): PlayerView {
    const visitor = this.#visitor(peer);
    visitor.try(this.#now());
    const running = this.#game(code);
    return this.#enter(visitor, running, running.game.player(token));
  }

  answer(peer: QuizPeer, { code, token }: Seat, index: number, answer: number): Receipt {
    // Whoever plays may be quick; whoever guesses codes may not.
    if (!this.#games.has(code)) this.#visitor(peer).try(this.#now());
    const running = this.#game(code);
    const receipt = running.game.answer(running.game.player(token), index, answer, this.#now());
    running.touchedAt = this.#now();
    this.#changed(running);
    return receipt;
  }

  leave(peer: QuizPeer, { code, token }: Seat): null {
    this.#visitor(peer).try(this.#now());
    const running = this.#game(code);
    const player = running.game.player(token);
    this.#unseat(running, player);
    // At the end everybody leaves, and the results stay.
    if (running.game.phase !== "podium") running.game.remove(player, { isBanned: false });
    this.#changed(running);
    return null;
  }

  // ── Sessions that end, games that end ────────────────────────────────────────────────────────

  /** A session is over; the hub has taken it out of its rooms. */
  forget(peer: QuizPeer): void {
    const visitor = this.#visitors.get(peer.id);
    if (visitor === undefined) return;
    this.#visitors.delete(peer.id);
    if (visitor.hosts !== undefined) this.#byHost.get(visitor.hosts)?.hosts.delete(peer.id);
    if (visitor.plays === undefined) return;
    const running = this.#games.get(visitor.plays.code);
    if (running === undefined) return;
    running.game.unseat(visitor.plays.player);
    this.#changed(running);
  }

  /** Games that nobody goes on with are over. */
  sweep(): void {
    const now = this.#now();
    for (const running of [...this.#games.values()]) {
      const patienceMs = running.hosts.size === 0 ? abandonedMs : idleMs;
      if (now - running.touchedAt >= patienceMs) this.#over(running, "idle");
    }
  }

  close(): void {
    clearInterval(this.#sweep);
    for (const running of this.#games.values()) stop(running);
  }

  // ── Phases ───────────────────────────────────────────────────────────────────────────────────

  #advance(running: Running): void {
    const { game } = running;
    game.advance(this.#now());
    running.touchedAt = this.#now();
    stop(running);
    const room = this.#hub.to(playersRoom(game));
    const { code, step, size: players, asked } = game;
    if (game.phase === "question" && asked !== undefined) {
      room.emit("quiz.asked", { code, step, players, question: asked });
      this.#awaitDeadline(running, asked.closesAt);
    }
    if (game.phase === "reveal") this.#tellResults(game);
    if (game.phase === "podium") {
      room.emit("quiz.podium", { code, step, podium: game.podium });
    }
    this.#hub.to(hostsRoom(game)).emit("quiz.stage", game.hostView);
  }

  /** Late answers are refused by the clock; this is only for everybody to go on. */
  #awaitDeadline(running: Running, closesAt: number): void {
    running.deadline = setTimeout(() => this.#advance(running), closesAt - this.#now());
  }

  #tellResults({ code, step, size: players, players: all }: Game): void {
    for (const { session, standing, result } of all) {
      if (session === undefined || result === undefined) continue;
      this.#hub.peer(session)?.emit("quiz.result", { code, step, players, you: standing, result });
    }
  }

  /** Tells the hosts soon, once for many changes. */
  #changed(running: Running): void {
    const { game } = running;
    if (game.isAllAnswered) {
      // After the last receipt is on its way, and once for however many there are.
      clearTimeout(running.deadline);
      const { step } = game;
      running.deadline = setTimeout(() => {
        if (game.step === step && game.isAllAnswered) this.#advance(running);
        else if (game.asked !== undefined) this.#awaitDeadline(running, game.asked.closesAt);
      }, 0);
    }
    running.progress ??= setTimeout(() => {
      running.progress = undefined;
      const audience = this.#hub.to(hostsRoom(game)).latest("quiz.progress");
      audience.emit("quiz.progress", { code: game.code, progress: game.progress });
    }, progressIntervalMs);
  }

  // ── Who is where ─────────────────────────────────────────────────────────────────────────────

  #enterAsHost(visitor: Visitor, running: Running): HostView {
    const { peer } = visitor;
    if (visitor.hosts !== undefined && visitor.hosts !== running.game.hostToken) {
      this.#byHost.get(visitor.hosts)?.hosts.delete(peer.id);
    }
    visitor.hosts = running.game.hostToken;
    running.hosts.add(peer.id);
    running.touchedAt = this.#now();
    peer.join(hostsRoom(running.game));
    return running.game.hostView;
  }

  /** Joined first, read then: nothing is said in between that is in neither. */
  #enter(visitor: Visitor, running: Running, player: Player): PlayerView {
    const { peer } = visitor;
    const { game } = running;
    if (visitor.plays !== undefined && visitor.plays.player !== player) {
      const other = this.#games.get(visitor.plays.code);
      if (other !== undefined) this.#unseat(other, visitor.plays.player);
    }
    if (player.session !== undefined && player.session !== peer.id) {
      this.#dismiss(running, player, "elsewhere");
    }
    peer.join(playersRoom(game));
    visitor.plays = { code: game.code, player };
    game.seat(player, peer.id);
    running.touchedAt = this.#now();
    this.#changed(running);
    return game.playerView(player);
  }

  /** A player's session is told why it does not play any more. */
  #dismiss(running: Running, player: Player, why: "removed" | "elsewhere"): void {
    const { code } = running.game;
    if (player.session !== undefined) {
      this.#hub.peer(player.session)?.emit("quiz.gone", { code, why });
    }
    this.#unseat(running, player);
  }

  #unseat({ game }: Running, player: Player): void {
    if (player.session === undefined) return;
    const visitor = this.#visitors.get(player.session);
    visitor?.peer.leave(playersRoom(game));
    if (visitor?.plays?.player === player) visitor.plays = undefined;
    game.unseat(player);
  }

  #over(running: Running, why: "ended" | "idle"): void {
    const { game } = running;
    stop(running);
    this.#games.delete(game.code);
    this.#byHost.delete(game.hostToken);
    this.#hub.to(playersRoom(game), hostsRoom(game)).emit("quiz.gone", { code: game.code, why });
    for (const player of game.players) this.#unseat(running, player);
    for (const id of running.hosts) {
      const visitor = this.#visitors.get(id);
      visitor?.peer.leave(hostsRoom(game));
      if (visitor?.hosts === game.hostToken) visitor.hosts = undefined;
    }
  }

  #visitor(peer: QuizPeer): Visitor {
    const known = this.#visitors.get(peer.id);
    if (known !== undefined) return known;
    const visitor = new Visitor(peer, this.#now());
    this.#visitors.set(peer.id, visitor);
    return visitor;
  }

  #game(code: string): Running {
    const running = this.#games.get(code);
    if (running === undefined) throw refuse("no-such-game");
    return running;
  }

  #hosted(token: string): Running {
    const running = this.#byHost.get(token);
    if (running === undefined) throw refuse("no-such-game");
    return running;
  }

  #newCode(): string {
    for (;;) {
      const code = String(randomInt(10 ** (codeLength - 1), 10 ** codeLength));
      if (!this.#games.has(code)) return code;
    }
  }
}

function stop(running: Running): void {
  clearTimeout(running.deadline);
  clearTimeout(running.progress);
  running.deadline = undefined;
  running.progress = undefined;
}

function playersRoom({ code }: Game): string {
  return `quiz/${code}/players`;
}

function hostsRoom({ code }: Game): string {
  return `quiz/${code}/hosts`;
}
