// The list of frames, and one of them in full.
import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { framesMax, payloadBytesMax } from "../../../shared/wire/limits.js";
import { exportHex, exportJson, saveFile } from "./export-frames.js";
import type { Frame } from "./frame.js";
import { FrameDetail } from "./frame-detail.js";
import type { FrameFilter } from "./frame-filter.js";
import type { WireModel } from "./wire-model.js";

export function FramesView({ wire }: { wire: WireModel }): JSX.Element {
  const chosen = wire.chosenFrame.value;
  return (
    <div class="frames">
      <section class="wire-card frame-list" aria-labelledby="frames-title">
        <h2 id="frames-title" class="unseen">
          Frames
        </h2>
        <Toolbar wire={wire} />
        <FrameList wire={wire} />
        <Foot wire={wire} />
      </section>
      {chosen === undefined ? (
        <section class="wire-card frame-detail frame-none">
          <p>Choose a frame to see its bits.</p>
        </section>
      ) : (
        <FrameDetail key={chosen.item.number} frame={chosen} />
      )}
    </div>
  );
}

function Toolbar({ wire }: { wire: WireModel }): JSX.Element {
  const filter = wire.filter.value;
  const set = (change: Partial<FrameFilter>): void => {
    wire.filter.value = { ...wire.filter.peek(), ...change };
  };
  const isPaused = wire.isPaused.value;
  return (
    <div class="frame-tools">
      <fieldset class="frame-filter" aria-label="Filter">
        <select
          aria-label="Direction"
          value={filter.direction}
          onChange={({ currentTarget }) => {
            set({ direction: currentTarget.value as FrameFilter["direction"] });
          }}
        >
          <option value="both">Both ways</option>
          <option value="up">↑ Page to server</option>
          <option value="down">↓ Server to page</option>
        </select>
        <select
          aria-label="Kind"
          value={filter.kind}
          onChange={({ currentTarget }) => set({ kind: currentTarget.value })}
        >
          <option value="all">All kinds</option>
          <option value="data">Data frames</option>
          <option value="control">Control frames</option>
          {[...new Set([...wire.kinds.value, ...ownKind(filter.kind)])].map((kind) => (
            <option key={kind} value={kind}>
              {kind}
            </option>
          ))}
        </select>
        <input
          type="search"
          aria-label="Text in frames"
          placeholder="Search"
          value={filter.text}
          onInput={({ currentTarget }) => set({ text: currentTarget.value })}
        />
      </fieldset>
      <div class="frame-actions">
        <button
          type="button"
          class="quiet"
          aria-pressed={isPaused}
          onClick={() => (isPaused ? wire.resume() : wire.pause())}
        >
          {isPaused ? `Go on (${wire.heldCount.value} new)` : "Pause"}
        </button>
        <button type="button" class="quiet" onClick={() => wire.clear()}>
          Clear
        </button>
        <button
          type="button"
          class="quiet"
          onClick={() =>
            saveFile(
              "tidewire-wire.json",
              "application/json",
              exportJson(wire.links.value, wire.shown.value),
            )
          }
        >
          Export JSON
        </button>
        <button
          type="button"
          class="quiet"
          onClick={() => saveFile("tidewire-wire.txt", "text/plain", exportHex(wire.shown.value))}
        >
          Export hex
        </button>
      </div>
    </div>
  );
}

/** What one filters by stays in the list, also when its frames have gone. */
function ownKind(kind: string): string[] {
  return ["all", "data", "control"].includes(kind) ? [] : [kind];
}

function FrameList({ wire }: { wire: WireModel }): JSX.Element {
  const element = useRef<HTMLOListElement>(null);
  const isAtEnd = useRef(true);
  const shown = wire.shown.value;
  const chosen = wire.chosen.value;
  const last = shown.at(-1)?.item.number;
  // One stop for the tabulator; from there the arrow keys lead.
  const stop = shown.some(({ item }) => item.number === chosen) ? chosen : last;
  // It follows what comes, unless somebody has scrolled up to read.
  useEffect(() => {
    const list = element.current;
    if (list !== null && isAtEnd.current) list.scrollTop = list.scrollHeight;
  }, [last, shown.length]);
  if (shown.length === 0) {
    return (
      <p class="frame-empty">
        {wire.frames.value.length === 0
          ? "Nothing yet, and what was on the line before is not kept. Send something, and see it here."
          : "No frame is like that. Change the filter."}
      </p>
    );
  }
  return (
    <ol
      ref={element}
      class="frame-rows"
      aria-label="Frames, the latest last"
      onKeyDown={moveByKey}
      onScroll={({ currentTarget: list }) => {
        isAtEnd.current = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
      }}
    >
      {shown.map((frame) => (
        <FrameRow
          key={frame.item.number}
          frame={frame}
          isChosen={frame.item.number === chosen}
          isStop={frame.item.number === stop}
          wire={wire}
        />
      ))}
    </ol>
  );
}

interface FrameRowProps {
  readonly frame: Frame;
  readonly isChosen: boolean;
  readonly isStop: boolean;
  readonly wire: WireModel;
}

/** Up and down among the rows, and what has the focus is shown. */
function moveByKey(event: KeyboardEvent & { currentTarget: HTMLOListElement }): void {
  const row = (event.target as Element).closest("li");
  const { firstElementChild, lastElementChild } = event.currentTarget;
  const targets: Readonly<Record<string, Element | null | undefined>> = {
    ArrowUp: row?.previousElementSibling,
    ArrowDown: row?.nextElementSibling,
    Home: firstElementChild,
    End: lastElementChild,
  };
  const button = targets[event.key]?.querySelector("button");
  if (!button) return;
  event.preventDefault();
  button.focus();
  if (button.getAttribute("aria-pressed") !== "true") button.click();
}

/** Drawn once per change of its own: of hundreds of rows, a report changes few. */
function FrameRow({ frame, isChosen, isStop, wire }: FrameRowProps): JSX.Element {
  return useMemo(() => {
    const { item, header, opcode, summary } = frame;
    const isUp = item.direction === "up";
    return (
      <li data-direction={item.direction} data-lost={item.isLost}>
        <button
          type="button"
          class="frame-row"
          aria-pressed={isChosen}
          tabIndex={isStop ? 0 : -1}
          onClick={() => {
            wire.chosen.value = isChosen ? undefined : item.number;
          }}
        >
          <span class="frame-arrow">
            <span aria-hidden="true">{isUp ? "↑" : "↓"}</span>
            <span class="unseen">{isUp ? "To the server" : "To the page"}</span>
          </span>
          <span class="frame-time">{timeOf(item.at)}</span>
          <span class="frame-opcode" data-control={frame.isControl}>
            {opcode}
          </span>
          <span class="frame-kind">{kindOf(frame)}</span>
          <span class="frame-summary">
            {item.isLost ? "✗ lost: " : ""}
            {summary}
          </span>
          <span class="frame-place">
            {item.position !== undefined && (
              <>
                <span class="unseen">entry </span>#{item.position}
              </>
            )}
          </span>
          <span class="frame-length">{header.length.toLocaleString("en")} B</span>
        </button>
      </li>
    );
  }, [frame, isChosen, isStop, wire]);
}

function Foot({ wire }: { wire: WireModel }): JSX.Element {
  const omitted = wire.omitted.value;
  return (
    <p class="frame-foot">
      {wire.shown.value.length} of {wire.frames.value.length} frames; the latest {framesMax} are
      kept, of each payload the first {payloadBytesMax.toLocaleString("en")} bytes.
      {omitted > 0 && ` ${omitted} were left out: there were too many at once.`}
    </p>
  );
}

/** Beside the opcode: the packet's type, or what else there is to know. */
function kindOf({ kind, opcode, header }: Frame): string {
  if (kind !== opcode) return kind;
  return header.rsv1 ? "deflated" : "";
}

function timeOf(at: number): string {
  const date = new Date(at);
  const two = (number: number): string => String(number).padStart(2, "0");
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  return `${time}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}
