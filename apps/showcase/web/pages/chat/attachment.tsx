// A file in the conversation. Only what its bytes show to be a raster image is drawn, and only its pixels;
// everything else is a name with a button that saves it.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { PictureSize } from "../../../shared/chat/contract.js";
import { formatBytes } from "../../../shared/transfers/format.js";
import { CloseIcon } from "../../shell/icons.js";
import { FileTile } from "../../transfers/file-tile.js";
import type { ShownTransfer } from "../../transfers/file-transfer.js";
import { AgainIcon, CheckIcon, DownloadIcon } from "../../transfers/icons.js";
import { TransferBar } from "../../transfers/transfer-bar.js";
import "./attachment.css";
import type { ChatModel } from "./chat-model.js";
import type { Received } from "./received.js";
import type { Sending } from "./sending.js";

/** Of a picture, in CSS pixels. */
const shownMax: PictureSize = { width: 320, height: 288 };

/** What somebody has sent. */
export function ReceivedFile({ chat, file }: { chat: ChatModel; file: Received }): JSX.Element {
  const { name, size, picture: claim } = file.attachment;
  const transfer = file.transfer.value;
  const picture = file.picture.value;
  useEffect(() => chat.attachments.show(file), [file]);
  const isFetching = transfer?.isOpen === true;
  const isExpected = chat.attachments.isShown(file) || isFetching;
  const hasPicture = claim !== undefined && (picture !== undefined || isExpected);
  return (
    <div class="attachment">
      {hasPicture && <Picture name={name} picture={picture} size={claim} />}
      <FileLine name={name} size={size} hasTile={!hasPicture}>
        <button
          type="button"
          class="quiet square"
          aria-label={`Save ${name}`}
          disabled={isFetching}
          onClick={() => chat.attachments.save(file)}
        >
          <DownloadIcon />
        </button>
      </FileLine>
      {transfer !== undefined && isFetching && (
        <Bar chat={chat} transfer={transfer} label={`Fetching ${name}`} />
      )}
      {transfer?.state.value.type === "failed" && (
        <p class="problem">{transfer.state.value.reason}</p>
      )}
      <Checksum file={file} />
    </div>
  );
}

/** What we send; nobody else sees it yet. */
export function SendingMessage({ chat, file }: { chat: ChatModel; file: Sending }): JSX.Element {
  const { name, size } = file.file;
  const transfer = file.transfer.value;
  const state = transfer?.state.value;
  const picture = file.picture.value;
  const problem = state?.type === "failed" ? state.reason : file.refusal.value;
  const canRetry = state?.type === "failed" && state.canRetry;
  return (
    <article class="message" data-ours="true" data-pending={problem === ""}>
      <div class="attachment">
        {picture !== undefined && <Picture name={name} picture={picture} size={picture} />}
        <FileLine name={name} size={size} hasTile={picture === undefined}>
          {problem === "" && !file.isBeingSaid.value && (
            <button
              type="button"
              class="quiet square"
              aria-label={`Cancel ${name}`}
              onClick={() => chat.attachments.cancel(file)}
            >
              <CloseIcon />
            </button>
          )}
        </FileLine>
        {transfer?.isOpen && <Bar chat={chat} transfer={transfer} label={`Sending ${name}`} />}
      </div>
      {problem !== "" && (
        <p class="fate" data-bad="true">
          Not sent: {problem}
          {canRetry && (
            <button type="button" class="quiet" onClick={() => chat.attachments.retry(file)}>
              <AgainIcon />
              Try again
            </button>
          )}
          <button type="button" class="quiet" onClick={() => chat.attachments.cancel(file)}>
            Discard
          </button>
        </p>
      )}
    </article>
  );
}

interface FileLineProps {
  readonly name: string;
  readonly size: number;
  readonly hasTile: boolean;
  readonly children: ComponentChildren;
}

function FileLine({ name, size, hasTile, children }: FileLineProps): JSX.Element {
  return (
    <div class="file-line">
      {hasTile && <FileTile name={name} picture={undefined} />}
      <p>
        <bdi>{name}</bdi>
        <span class="file-size">{formatBytes(size)}</span>
      </p>
      {children}
    </div>
  );
}

interface PictureProps {
  readonly name: string;
  readonly picture: ImageBitmap | undefined;
  /** What it will have; its place is kept until it is there. */
  readonly size: PictureSize;
}

function Picture({ name, picture, size }: PictureProps): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    if (canvas.current === null || picture === undefined) return;
    canvas.current.width = picture.width;
    canvas.current.height = picture.height;
    canvas.current.getContext("2d")?.drawImage(picture, 0, 0);
  }, [picture]);
  const scale = Math.min(1, shownMax.width / size.width, shownMax.height / size.height);
  const width = Math.max(48, Math.round(size.width * scale));
  const style = { width: `${width}px`, aspectRatio: `${size.width} / ${size.height}` };
  return (
    <div class="picture" style={style}>
      {picture !== undefined && <canvas ref={canvas} role="img" aria-label={name} />}
    </div>
  );
}

interface BarProps {
  readonly chat: ChatModel;
  readonly transfer: ShownTransfer;
  readonly label: string;
}

function Bar({ chat, transfer, label }: BarProps): JSX.Element {
  const isWaiting = transfer.state.value.type === "waiting";
  const state = chat.isConnected.value
    ? isWaiting && "waits for its turn"
    : "no connection; it goes on later";
  return <TransferBar gauge={transfer.gauge} label={label} {...(state && { state })} />;
}

function Checksum({ file }: { file: Received }): JSX.Element {
  const { sha256 } = file.attachment;
  return (
    <details class="attachment-checksum">
      <summary>
        SHA-256 <code>{sha256.slice(0, 8)}…</code>
        {file.isCompared.value && (
          <span class="compared">
            <CheckIcon />
            compared
          </span>
        )}
      </summary>
      <code>{sha256}</code>
    </details>
  );
}
