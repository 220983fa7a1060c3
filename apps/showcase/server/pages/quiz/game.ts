// One game, without network and clock: both are told to it.
//
//   lobby → question → reveal → scores → question → … → reveal → podium
//
// Each arrow is a `step`, so that whoever is late with a click or an answer can be told from whoever
// means the present. A question is read from its asking to `opensAt`, and answered from there until
// `closesAt`, the host's word, or the last answer.
import type {
  Asked,
  HostView,
  Phase,
  PlayerView,
  Progress,
  Receipt,
  Row,
  Standing,
} from "../../../shared/quiz/contract.js";
import type { Question, QuestionSet } from "../../../shared/quiz/question-set.js";
import { newestMax, playersMax, podiumMax, podiumPlaces, topMax } from "./limits.js";
import { Player } from "./player.js";
import { pointsFor } from "./points.js";
import { refuse } from "./refusal.js";

export class Game {
  readonly code: string;
  readonly hostToken: string;
  readonly #set: QuestionSet;
  readonly #players = new Map<string, Player>();
  readonly #names = new Set<string>();
  readonly #removed = new Set<string>();
  /** By points; may still name some who were removed since. */
  #ranking: Player[] = [];
  #phase: Phase = "lobby";
  #step = 0;
  #asked: Asked | undefined;
  #counts: number[] = [];
  #answered = 0;
  #here = 0;
  /** Players who are here and have not answered. */
  #awaited = 0;
  #nextId = 1;

  constructor(code: string, hostToken: string, set: QuestionSet) {
    this.code = code;
    this.hostToken = hostToken;
    this.#set = set;
  }

  get phase(): Phase {
    return this.#phase;
  }

  get step(): number {
    return this.#step;
  }

  get asked(): Asked | undefined {
    return this.#asked;
  }

  get players(): Iterable<Player> {
    return this.#players.values();
  }

  get size(): number {
    return this.#players.size;
  }

  /** Nobody who is here could still answer, and somebody has. */
  get isAllAnswered(): boolean {
    return this.#phase === "question" && this.#awaited === 0 && this.#answered > 0;
  }

  // ── Players ──────────────────────────────────────────────────────────────────────────────────

  /** Who is known by the token keeps everything, the nickname too. */
  join(token: string, nickname: string): Player {
    const known = this.#players.get(token);
    if (known !== undefined) return known;
    if (this.#removed.has(token)) throw refuse("removed");
    if (this.#phase === "podium") throw refuse("game-over");
    if (this.#players.size >= playersMax) throw refuse("game-full");
    const name = fold(nickname);
    if (this.#names.has(name)) throw refuse("nickname-taken");
    const player = new Player(`p${this.#nextId}`, token, nickname);
    // Nobody has less than nothing: without sorting, a newcomer is last, or among the last.
    const last = this.#ranking.at(-1);
    player.place = last?.score === 0 ? last.place : this.#ranking.length + 1;
    this.#ranking.push(player);
    this.#nextId += 1;
    this.#names.add(name);
    this.#players.set(token, player);
    return player;
  }

  /** @throws {FailureError} `not-a-player`, `removed` */
  player(token: string): Player {
    const player = this.#players.get(token);
    if (player !== undefined) return player;
    throw refuse(this.#removed.has(token) ? "removed" : "not-a-player");
  }

  /** A session begins to play. */
  seat(player: Player, session: string): void {
    if (player.session === undefined) {
      this.#here += 1;
      if (player.receipt === undefined) this.#awaited += 1;
    }
    player.session = session;
  }

  /** The player's session is over. Score and place stay. */
  unseat(player: Player): void {
    if (player.session === undefined) return;
    player.session = undefined;
    this.#here -= 1;
    if (player.receipt === undefined) this.#awaited -= 1;
  }

  /** For good: neither the player nor the answer to the open question counts any more. */
  remove(player: Player, { isBanned }: { isBanned: boolean }): void {
    this.unseat(player);
    if (player.receipt !== undefined && this.#phase === "question") this.#count(player.receipt, -1);
    this.#players.delete(player.token);
    this.#names.delete(fold(player.nickname));
    // A ban that is forgotten is a nuisance; a list without end would be worse.
    if (isBanned && this.#removed.size < playersMax) this.#removed.add(player.token);
  }

  find(id: string): Player | undefined {
    for (const player of this.#players.values()) if (player.id === id) return player;
    return undefined;
  }

  /** @throws {FailureError} saying why it does not count */
  answer(player: Player, index: number, answer: number, now: number): Receipt {
    const asked = this.#asked;
    if (asked === undefined) throw refuse("not-open");
    if (player.receipt?.index === index) throw refuse("already-answered", player.receipt);
    if (asked.index !== index) throw refuse(index < asked.index ? "too-late" : "other-question");
    if (this.#phase !== "question" || now >= asked.closesAt) throw refuse("too-late");
    if (now < asked.opensAt) throw refuse("too-early");
    if (answer >= asked.answers.length) throw refuse("no-such-answer");
    const receipt = { index, answer, tookMs: now - asked.opensAt };
    player.receipt = receipt;
    if (player.session !== undefined) this.#awaited -= 1;
    this.#count(receipt, 1);
    return receipt;
  }

  // ── Phases ───────────────────────────────────────────────────────────────────────────────────

  /** On to what follows. */
  advance(now: number): void {
    switch (this.#phase) {
      case "lobby":
        if (this.#players.size === 0) throw refuse("no-players");
        this.#ask(0, now);
        break;
      case "question":
        this.#reveal();
        break;
      case "reveal":
        this.#phase = this.#isLast ? "podium" : "scores";
        break;
      case "scores":
        this.#ask((this.#asked?.index ?? -1) + 1, now);
        break;
      case "podium":
        throw refuse("game-over");
    }
    this.#step += 1;
  }

  get #isLast(): boolean {
    return this.#asked?.index === this.#set.questions.length - 1;
  }

  #ask(index: number, now: number): void {
    const { text, answers, seconds } = this.#question(index);
    const opensAt = now + this.#set.readSeconds * 1_000;
    this.#phase = "question";
    this.#asked = {
      index,
      text,
      answers: answers.map((answer) => answer.text),
      askedAt: now,
      opensAt,
      closesAt: opensAt + seconds * 1_000,
    };
    this.#counts = answers.map(() => 0);
    this.#answered = 0;
    this.#awaited = this.#here;
    for (const player of this.#players.values()) {
      player.receipt = undefined;
      player.result = undefined;
    }
  }

  #reveal(): void {
    const asked = this.#asked;
    if (asked === undefined) return;
    const { answers } = this.#question(asked.index);
    const correct = answers.flatMap((answer, index) => (answer.correct ? [index] : []));
    const limitMs = asked.closesAt - asked.opensAt;
    for (const player of this.#players.values()) {
      const { receipt } = player;
      const isRight = receipt !== undefined && correct.includes(receipt.answer);
      player.streak = isRight ? player.streak + 1 : 0;
      player.gained = isRight ? pointsFor(receipt.tookMs, limitMs, player.streak) : 0;
      player.score += player.gained;
    }
    const before = new Map(this.#ranking.map((player) => [player, player.place]));
    this.#rank();
    for (const [index, player] of this.#ranking.entries()) {
      const isFirst = asked.index === 0;
      player.climbed = isFirst ? 0 : (before.get(player) ?? player.place) - player.place;
      player.result = {
        index: asked.index,
        correct,
        gained: player.gained,
        ...(player.receipt && { answer: player.receipt.answer }),
        ...this.#ahead(player, index),
      };
    }
    this.#phase = "reveal";
  }

  /** Sorted by points; who has as many shares the place, and who came first is named first. */
  #rank(): void {
    const ranking = [...this.#players.values()].sort((a, b) => b.score - a.score);
    for (const [index, player] of ranking.entries()) {
      const before = ranking[index - 1];
      player.place = before?.score === player.score ? before.place : index + 1;
    }
    this.#ranking = ranking;
  }

  /** Without those who were removed. */
  #ranked(): readonly Player[] {
    if (this.#ranking.length > this.#players.size) this.#rank();
    return this.#ranking;
  }

  #ahead(player: Player, index: number): Pick<NonNullable<Player["result"]>, "ahead"> {
    // The place above begins where the own one does: its last is one before the first of ours.
    const above = this.#ranking[Math.min(index, player.place - 1) - 1];
    if (above === undefined) return {};
    return { ahead: { nickname: above.nickname, by: above.score - player.score } };
  }

  #count({ answer }: Receipt, by: 1 | -1): void {
    this.#counts[answer] = (this.#counts[answer] ?? 0) + by;
    this.#answered += by;
  }

  #question(index: number): Question {
    const question = this.#set.questions[index];
    if (question === undefined) throw refuse("game-over");
    return question;
  }

  // ── What is told ─────────────────────────────────────────────────────────────────────────────

  get podium(): Standing[] {
    const on = this.#ranked().filter(({ place }) => place <= podiumPlaces);
    return on.slice(0, podiumMax).map(({ standing }) => standing);
  }

  rows(from: number, count: number): Row[] {
    const rows = this.#ranked().slice(from, from + count);
    return rows.map(({ row }) => row);
  }

  get progress(): Progress {
    return {
      step: this.#step,
      players: this.#players.size,
      here: this.#here,
      answered: this.#answered,
      counts: this.#counts,
      newest: this.#phase === "lobby" ? this.#newest() : [],
    };
  }

  get hostView(): HostView {
    const asked = this.#asked;
    const isRanked = this.#phase !== "lobby" && this.#phase !== "question";
    return {
      code: this.code,
      title: this.#set.title,
      phase: this.#phase,
      total: this.#set.questions.length,
      ...(asked && { question: { ...asked, correct: this.#correct(asked.index) } }),
      progress: this.progress,
      top: isRanked ? this.rows(0, topMax) : [],
    };
  }

  playerView(player: Player): PlayerView {
    const { receipt, result } = player;
    return {
      code: this.code,
      title: this.#set.title,
      step: this.#step,
      phase: this.#phase,
      total: this.#set.questions.length,
      players: this.#players.size,
      you: player.standing,
      ...(this.#asked && { question: this.#asked }),
      ...(receipt && { answered: receipt }),
      ...(result && { result }),
      ...(this.#phase === "podium" && { podium: this.podium }),
    };
  }

  #correct(index: number): boolean[] {
    return this.#question(index).answers.map(({ correct }) => correct);
  }

  #newest(): Progress["newest"] {
    const newest = [...this.#players.values()].slice(-newestMax).reverse();
    return newest.map(({ id, nickname }) => ({ id, nickname }));
  }
}

/** Names that look the same are the same. */
function fold(nickname: string): string {
  return nickname.normalize("NFKC").toLowerCase();
}
