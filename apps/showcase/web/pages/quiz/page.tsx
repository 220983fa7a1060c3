// The quiz as a page: for those who play, and at `#/quiz/host` for the one who hosts. Both go on behind
// the other pages.
import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { writeSetFile } from "../../../shared/quiz/set-file.js";
import type { Session } from "../../session/session.js";
import type { PageProps } from "../page.js";
import "./answers.css";
import "./host.css";
import { HostModel } from "./host-model.js";
import { HostPage } from "./host-page.js";
import {
  forgetHostToken,
  forgetSeat,
  recallHostToken,
  recallSeat,
  rememberDraft,
  rememberHostToken,
  rememberSeat,
} from "./memory.js";
import "./player.css";
import { PlayerModel } from "./player-model.js";
import { PlayerPage } from "./player-page.js";
import { recallSet } from "./recall-set.js";
import { SetDraft } from "./set-draft.js";
import "./setup.css";

/** Each lives as long as the tab: a game goes on while one looks at another page. */
const player = signal<PlayerModel | undefined>(undefined);
const host = signal<HostModel | undefined>(undefined);
const draft = signal<SetDraft | undefined>(undefined);

export default function Quiz({ session, rest: [place = ""] }: PageProps): JSX.Element {
  if (place === "host") return <HostPage host={openHost(session)} draft={openDraft()} />;
  const code = place.replace(/\D/g, "");
  return <PlayerPage player={openPlayer(session)} session={session} code={code} />;
}

function openPlayer({ client }: Session): PlayerModel {
  player.value ??= new PlayerModel({
    client,
    seat: recallSeat(),
    remember: (seat) => (seat === undefined ? forgetSeat() : rememberSeat(seat)),
  });
  return player.value;
}

function openHost({ client }: Session): HostModel {
  host.value ??= new HostModel({
    client,
    token: recallHostToken(),
    remember: (token) => (token === undefined ? forgetHostToken() : rememberHostToken(token)),
  });
  return host.value;
}

function openDraft(): SetDraft {
  draft.value ??= new SetDraft({
    set: recallSet(),
    remember: (set) => rememberDraft(writeSetFile(set)),
  });
  return draft.value;
}
