// The drop room: where files are dropped, and what is in it. Files may be dropped anywhere on it.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { openRoom } from "../../../shared/files/contract.js";
import { formatBytes, formatMinutes } from "../../../shared/transfers/format.js";
import type { TransferLimits } from "../../../shared/transfers/limits.js";
import type { Session } from "../../session/session.js";
import { PeopleIcon } from "../../shell/icons.js";
import { Notice } from "../../shell/notice.js";
import { hasFiles, readDropped } from "../../transfers/dropped-files.js";
import { LinkIcon } from "../../transfers/icons.js";
import { DropRow } from "./drop-row.js";
import { DropZone } from "./drop-zone.js";
import type { FilesModel } from "./files-model.js";
import { newRoomAddress } from "./room-address.js";

interface FilesPageProps {
  readonly files: FilesModel;
  readonly session: Session;
}

export function FilesPage({ files, session }: FilesPageProps): JSX.Element {
  const isOver = useSignal(false);
  useWindowDrops(files, (is) => {
    isOver.value = is;
  });
  const drops = files.drops.value;
  const isConnected = session.state.value === "connected";
  return (
    <main class="files">
      <div class="files-content">
        <RoomHeader files={files} />
        <div>
          <Notice text={files.notice.value} isBoxed onDismiss={() => files.dismissNotice()} />
          <DropZone
            isOver={isOver.value}
            isSmall={drops.length > 0}
            onFiles={(chosen) => files.send(chosen)}
          >
            <Limits limits={files.limits.value} />
          </DropZone>
        </div>
        <section aria-labelledby="files-list">
          <h2 id="files-list">
            In this room <span class="count">{drops.length}</span>
          </h2>
          {drops.length === 0 ? (
            <p class="faint">
              Nothing yet. Open this address in a second tab, or on a phone, and drop something
              here.
            </p>
          ) : (
            <ul class="drops">
              {drops.map((drop) => (
                <DropRow key={drop.facts.id} drop={drop} files={files} isConnected={isConnected} />
              ))}
            </ul>
          )}
        </section>
        <p class="unseen" role="status" aria-label="Transfers">
          {files.news.value}
        </p>
      </div>
    </main>
  );
}

/** Beside the zone too: a browser would leave the page and open the file. */
function useWindowDrops(files: FilesModel, tell: (isOver: boolean) => void): void {
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (!hasFiles(event.dataTransfer)) return;
      event.preventDefault();
      tell(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) tell(false); // Out of the window.
    };
    const drop = (event: DragEvent) => {
      tell(false);
      if (!hasFiles(event.dataTransfer)) return;
      event.preventDefault();
      const { files: dropped, folders } = readDropped(event.dataTransfer);
      files.send(dropped, folders);
    };
    const paste = (event: ClipboardEvent) => {
      const { files: pasted } = readDropped(event.clipboardData);
      if (pasted.length > 0) files.send(pasted);
    };
    addEventListener("dragover", over);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    addEventListener("paste", paste);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
      removeEventListener("paste", paste);
    };
  }, [files]);
}

function RoomHeader({ files }: { files: FilesModel }): JSX.Element {
  const room = files.room.value;
  const people = files.people.value;
  return (
    <header class="files-header">
      <div>
        <h1>Files</h1>
        <p class="faint">
          {room === openRoom ? "The open room. " : "A room of its own. "}
          Everybody at this address sees what is dropped here while it arrives.
        </p>
      </div>
      <div class="files-room">
        {people > 0 && (
          <span class="here" role="img" aria-label={`${people} here`} title={`${people} here`}>
            <PeopleIcon />
            {people}
          </span>
        )}
        <CopyLink key={room} />
        <a class="new-room-link" href={newRoomAddress()}>
          New private room
        </a>
      </div>
    </header>
  );
}

/** Browsers give the clipboard only to pages that came over a safe way. */
function CopyLink(): JSX.Element | null {
  const isCopied = useSignal(false);
  if (navigator.clipboard === undefined) return null;
  const copy = () => {
    const tell = () => {
      isCopied.value = true;
    };
    // A person may have forbidden it, and then knows.
    navigator.clipboard.writeText(location.href).then(tell, () => {});
  };
  return (
    <button type="button" class="quiet" onClick={copy}>
      <LinkIcon />
      <span role="status">{isCopied.value ? "Copied" : "Copy link"}</span>
    </button>
  );
}

function Limits({ limits }: { limits: TransferLimits | undefined }): JSX.Element {
  if (limits === undefined) return <p>&nbsp;</p>;
  const { fileBytesMax, visitorFilesMax, visitorBytesMax, keepMs } = limits;
  return (
    <p>
      Any kind of file, up to {formatBytes(fileBytesMax)} each; {visitorFilesMax} files and{" "}
      {formatBytes(visitorBytesMax)} per visitor. Removed after {formatMinutes(keepMs)}.
    </p>
  );
}
