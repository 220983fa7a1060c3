// The quiz on the hub: a line per request.
import type { PageServer, PageServices, ShowcaseHub } from "../../hub/create-hub.js";
import { lanHosts } from "../../lan-hosts.js";
import { Quiz } from "./quiz.js";

/**
 * @param now milliseconds of a clock that is never set back; the default begins at the time of day
 */
export function registerQuiz(
  hub: ShowcaseHub,
  { hosts }: Pick<PageServices, "hosts">,
  now: () => number = steadyNow,
): PageServer & { readonly quiz: Quiz } {
  const quiz = new Quiz(hub, now);
  hub.handle("quiz.clock", () => ({ now: now() }));
  // Whoever may come in by certain names only does not come from the network.
  hub.handle("quiz.hosts", () => ({ hosts: hosts === undefined ? lanHosts() : [] }));
  hub.handle("quiz.create", (peer, { token, set }) => quiz.create(peer, token, set));
  hub.handle("quiz.host", (peer, { token }) => quiz.host(peer, token));
  hub.handle("quiz.advance", (peer, { token, step }) => quiz.advance(peer, token, step));
  hub.handle("quiz.remove", (peer, { token, player }) => quiz.remove(peer, token, player));
  hub.handle("quiz.end", (peer, { token }) => quiz.end(peer, token));
  hub.handle("quiz.scores", (peer, { token, from }) => quiz.scores(peer, token, from));
  hub.handle("quiz.join", (peer, { nickname, ...seat }) => quiz.join(peer, seat, nickname));
  hub.handle("quiz.return", (peer, seat) => quiz.return(peer, seat));
  hub.handle("quiz.answer", (peer, { index, answer, ...seat }) =>
    quiz.answer(peer, seat, index, answer),
  );
  hub.handle("quiz.leave", (peer, seat) => quiz.leave(peer, seat));
  hub.on("disconnect", (peer) => quiz.forget(peer));
  return { quiz, close: () => quiz.close() };
}

function steadyNow(): number {
  return Math.round(performance.timeOrigin + performance.now());
}
