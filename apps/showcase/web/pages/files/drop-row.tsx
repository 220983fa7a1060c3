// A file in the room: what it is, and how it gets here or there.
import type { JSX } from "preact";
import { formatBytes } from "../../../shared/transfers/format.js";
import { FileTile } from "../../transfers/file-tile.js";
import type { ShownTransfer } from "../../transfers/file-transfer.js";
import { CheckIcon } from "../../transfers/icons.js";
import { TransferBar } from "../../transfers/transfer-bar.js";
import type { Drop } from "./drop.js";
import { DropActions } from "./drop-actions.js";
import type { FilesModel } from "./files-model.js";

interface DropProps {
  readonly drop: Drop;
  readonly files: FilesModel;
  readonly isConnected: boolean;
}

export function DropRow({ drop, files, isConnected }: DropProps): JSX.Element {
  const { name, size, by } = drop.facts;
  return (
    <li class="drop">
      <FileTile name={name} picture={drop.picture.value} />
      <div class="drop-facts">
        <p class="drop-name">
          <bdi>{name}</bdi>
        </p>
        <p class="faint">
          {formatBytes(size)} · {drop.isOurs ? "from you" : <>from {by || "a visitor"}</>}
          <Outcome drop={drop} />
        </p>
      </div>
      <div class="drop-actions">
        <DropActions drop={drop} files={files} />
      </div>
      <div class="drop-progress">
        <Progress drop={drop} isConnected={isConnected} />
        <Problem drop={drop} />
        <Checksum drop={drop} />
      </div>
    </li>
  );
}

/** In a word, when it has come to its end. */
function Outcome({ drop }: { drop: Drop }): JSX.Element | null {
  const isReceived = drop.download.value?.state.value.type === "done";
  const isSent = drop.upload.value?.state.value.type === "done";
  const isThere = drop.presence.value.type === "complete";
  if (isReceived || (isSent && isThere)) {
    return (
      <span class="outcome">
        <CheckIcon />
        {isReceived ? "received" : "sent"}
      </span>
    );
  }
  return null;
}

function Progress({ drop, isConnected }: Omit<DropProps, "files">): JSX.Element {
  const { name } = drop.facts;
  const upload = drop.upload.value;
  const download = drop.download.value;
  const presence = drop.presence.value;
  const isArriving = upload === undefined && presence.type === "arriving";
  return (
    <>
      {upload?.isOpen && (
        <TransferBar
          gauge={upload.gauge}
          label={`Sending ${name}`}
          {...stateOf(upload, isConnected)}
        />
      )}
      {isArriving && (
        <TransferBar
          gauge={drop.gauge}
          label={`${name} on its way to the server`}
          {...(download?.isOpen && { title: "To the server" })}
          {...(presence.pace === "paused" && { state: "paused by its sender" })}
          {...(presence.pace === "away" && {
            state: "its sender has no connection; it goes on later",
          })}
          {...(!isConnected && { state: "no connection; it goes on later" })}
        />
      )}
      {download?.isOpen && (
        <TransferBar
          gauge={download.gauge}
          label={`Downloading ${name}`}
          {...(isArriving && { title: "To this page" })}
          {...stateOf(download, isConnected)}
        />
      )}
    </>
  );
}

/** Why nothing moves; nothing when it does. */
function stateOf({ state }: ShownTransfer, isConnected: boolean): { readonly state?: string } {
  const { type } = state.value;
  if (type === "paused") return { state: "paused" };
  if (!isConnected) return { state: "no connection; it goes on later" };
  return type === "waiting" ? { state: "waits for its turn" } : {};
}

function Problem({ drop }: { drop: Drop }): JSX.Element | null {
  const reasons = [
    drop.refusal.value,
    failureOf(drop.upload.value),
    failureOf(drop.download.value),
  ];
  const presence = drop.presence.value;
  const reason = reasons.find((text) => text !== "") ?? "";
  if (reason !== "") return <p class="problem">{reason}</p>;
  if (presence.type === "gone") return <p class="faint">{presence.reason}</p>;
  return null;
}

function failureOf(transfer: ShownTransfer | undefined): string {
  const state = transfer?.state.value;
  return state?.type === "failed" ? state.reason : "";
}

/** What each side has made of the bytes, and whether it is the same. */
function Checksum({ drop }: { drop: Drop }): JSX.Element | null {
  const sent = drop.upload.value?.state.value;
  const received = drop.download.value?.state.value;
  const presence = drop.presence.value;
  const there = presence.type === "complete" ? presence.sha256 : undefined;
  const ours =
    received?.type === "done"
      ? received.result.sha256
      : sent?.type === "done"
        ? sent.result
        : undefined;
  const digest = ours ?? there;
  // What we have sent and is gone cannot be compared any more.
  const isGone = presence.type === "gone" && received?.type !== "done";
  if (digest === undefined || isGone) return null;
  const isCompared = ours !== undefined && (there === undefined || there === ours);
  return (
    <details class="checksum">
      <summary>
        SHA-256 <code>{digest.slice(0, 8)}…</code>
        {isCompared && (
          <span class="outcome">
            <CheckIcon />
            the same on both sides
          </span>
        )}
      </summary>
      <dl>
        {there !== undefined && <Digest of="Server" value={there} />}
        {ours !== undefined && <Digest of="This page" value={ours} />}
      </dl>
    </details>
  );
}

function Digest({ of, value }: { of: string; value: string }): JSX.Element {
  return (
    <>
      <dt>{of}</dt>
      <dd>
        <code>{value}</code>
      </dd>
    </>
  );
}
