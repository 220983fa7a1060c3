// Somebody who plays: known by a secret, so that it is the same player from whatever session.
import type { Receipt, Result, Row, Standing } from "../../../shared/quiz/contract.js";

export class Player {
  readonly id: string;
  readonly token: string;
  readonly nickname: string;
  /** The session that plays now; undefined while there is none. */
  session: string | undefined;
  score = 0;
  streak = 0;
  place = 1;
  gained = 0;
  climbed = 0;
  /** To the question that is open, or was last. */
  receipt: Receipt | undefined;
  result: Result | undefined;

  constructor(id: string, token: string, nickname: string) {
    this.id = id;
    this.token = token;
    this.nickname = nickname;
  }

  get standing(): Standing {
    const { id, nickname, score, streak, place } = this;
    return { id, nickname, score, streak, place };
  }

  get row(): Row {
    return { ...this.standing, gained: this.gained, climbed: this.climbed };
  }
}
