// The files page: goes on behind the other pages, and asks before the tab is closed on a transfer.
import { effect } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { Session } from "../../session/session.js";
import { saveFile } from "../../transfers/save-file.js";
import { recallName } from "../chat/storage.js";
import type { PageProps } from "../page.js";
import "./files.css";
import { FilesModel } from "./files-model.js";
import { FilesPage } from "./files-page.js";
import { dropRoomOf } from "./room-address.js";

/** Lives as long as the tab: files arrive while one looks at another page. */
let model: FilesModel | undefined;

export default function Files({ session, rest }: PageProps): JSX.Element {
  model ??= open(session);
  const files = model;
  const room = dropRoomOf(rest);
  useEffect(() => files.show(room), [room]);
  return <FilesPage files={files} session={session} />;
}

function open({ client }: Session): FilesModel {
  const files = new FilesModel({ client, name: recallName, save: saveFile });
  const ask = (event: BeforeUnloadEvent) => event.preventDefault();
  // Only while there is something to lose: browsers keep pages for the way back that do not listen.
  effect(() => {
    if (files.isBusy.value) addEventListener("beforeunload", ask);
    else removeEventListener("beforeunload", ask);
  });
  return files;
}
