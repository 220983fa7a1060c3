// What can be done with a file in the room, by whoever sends it and by whoever wants it.
import type { ComponentChildren, JSX } from "preact";
import { CloseIcon } from "../../shell/icons.js";
import type { ShownTransfer } from "../../transfers/file-transfer.js";
import {
  AgainIcon,
  DownloadIcon,
  PauseIcon,
  RemoveIcon,
  ResumeIcon,
} from "../../transfers/icons.js";
import type { Drop } from "./drop.js";
import type { FilesModel } from "./files-model.js";

interface DropActionsProps {
  readonly drop: Drop;
  readonly files: FilesModel;
}

export function DropActions({ drop, files }: DropActionsProps): JSX.Element {
  const { name } = drop.facts;
  const upload = drop.upload.value;
  if (upload?.isOpen) {
    return (
      <>
        <PauseOrResume
          transfer={upload}
          name={name}
          onPause={() => files.pause(drop)}
          onResume={() => files.resume(drop)}
        />
        <Action label={`Cancel ${name}`} onPress={() => upload.cancel()}>
          <CloseIcon />
        </Action>
      </>
    );
  }
  return drop.isOurs ? (
    <OwnActions drop={drop} files={files} />
  ) : (
    <OthersActions drop={drop} files={files} />
  );
}

function OwnActions({ drop, files }: DropActionsProps): JSX.Element {
  const { name } = drop.facts;
  const sent = drop.upload.value?.state.value;
  const presence = drop.presence.value.type;
  const mayRetry = sent?.type === "failed" ? sent.canRetry : presence === "gone";
  return (
    <>
      {mayRetry && drop.file !== undefined && (
        <button
          type="button"
          class="quiet"
          aria-label={`Send ${name} again`}
          onClick={() => files.retry(drop)}
        >
          <AgainIcon />
          Send again
        </button>
      )}
      {presence === "complete" || presence === "arriving" ? (
        <Action label={`Remove ${name}`} onPress={() => files.remove(drop)}>
          <RemoveIcon />
        </Action>
      ) : (
        <Action label={`Dismiss ${name}`} onPress={() => files.dismiss(drop)}>
          <CloseIcon />
        </Action>
      )}
    </>
  );
}

function OthersActions({ drop, files }: DropActionsProps): JSX.Element {
  const { name } = drop.facts;
  const download = drop.download.value;
  const state = download?.state.value;
  if (download?.isOpen) {
    return (
      <>
        <PauseOrResume
          transfer={download}
          name={name}
          onPause={() => download.pause()}
          onResume={() => download.resume()}
        />
        <Action label={`Cancel ${name}`} onPress={() => download.cancel()}>
          <CloseIcon />
        </Action>
      </>
    );
  }
  if (state?.type === "done") {
    return (
      <button
        type="button"
        class="quiet"
        aria-label={`Save ${name}`}
        onClick={() => files.save(drop)}
      >
        <DownloadIcon />
        Save
      </button>
    );
  }
  if (drop.presence.value.type === "gone") {
    return (
      <Action label={`Dismiss ${name}`} onPress={() => files.dismiss(drop)}>
        <CloseIcon />
      </Action>
    );
  }
  return (
    <button
      type="button"
      class="download"
      aria-label={`Download ${name}`}
      onClick={() => files.fetch(drop)}
    >
      <DownloadIcon />
      Download
    </button>
  );
}

interface PauseOrResumeProps {
  readonly transfer: ShownTransfer;
  readonly name: string;
  readonly onPause: () => void;
  readonly onResume: () => void;
}

/** One button, so that the focus stays where it is. */
function PauseOrResume({ transfer, name, onPause, onResume }: PauseOrResumeProps): JSX.Element {
  const isPaused = transfer.state.value.type === "paused";
  return (
    <Action
      label={`${isPaused ? "Resume" : "Pause"} ${name}`}
      onPress={isPaused ? onResume : onPause}
    >
      {isPaused ? <ResumeIcon /> : <PauseIcon />}
    </Action>
  );
}

interface ActionProps {
  readonly label: string;
  readonly onPress: () => void;
  readonly children: ComponentChildren;
}

function Action({ label, onPress, children }: ActionProps): JSX.Element {
  return (
    <button type="button" class="quiet square" aria-label={label} title={label} onClick={onPress}>
      {children}
    </button>
  );
}
