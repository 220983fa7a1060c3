// The sessions there are: found, sorted, and cut into pages by the server.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useId } from "preact/hooks";
import type { SessionRow, SessionSort } from "../../../shared/operations/contract.js";
import { searchMax, sessionRows } from "../../../shared/operations/limits.js";
import type { Session } from "../../session/session.js";
import { transportWords } from "../../session/transports.js";
import { bytes, count, duration, inWords, milliseconds } from "./format.js";
import { SessionDialog } from "./session-dialog.js";
import type { SessionsModel } from "./sessions-model.js";

interface Column {
  readonly sort: SessionSort;
  readonly title: string;
  /** Figures stand at the end of their column. */
  readonly isFigure: boolean;
  /** Left out on a phone; the look into a session has it. */
  readonly isWide: boolean;
  readonly show: (row: SessionRow, now: number) => string;
}

const columns: readonly Column[] = [
  {
    sort: "transport",
    title: "Transport",
    isFigure: false,
    isWide: false,
    show: ({ transport, isLinked }) => (isLinked ? transportWords[transport].label : "no link"),
  },
  { sort: "address", title: "Address", isFigure: false, isWide: true, show: (row) => row.address },
  {
    sort: "since",
    title: "Age",
    isFigure: true,
    isWide: false,
    show: ({ since }, now) => duration(now - since),
  },
  {
    sort: "rooms",
    title: "Rooms",
    isFigure: true,
    isWide: true,
    show: ({ rooms }) => inWords(count(rooms)),
  },
  {
    sort: "roundTripMs",
    title: "Round trip",
    isFigure: true,
    isWide: false,
    show: ({ roundTripMs }) =>
      roundTripMs === undefined ? "–" : inWords(milliseconds(roundTripMs)),
  },
  {
    sort: "received",
    title: "Received",
    isFigure: true,
    isWide: true,
    show: ({ received }) => inWords(count(received)),
  },
  {
    sort: "sent",
    title: "Sent",
    isFigure: true,
    isWide: true,
    show: ({ sent }) => inWords(count(sent)),
  },
  {
    sort: "retainedBytes",
    title: "Unacknowledged",
    isFigure: true,
    isWide: true,
    show: ({ retainedBytes }) => inWords(bytes(retainedBytes)),
  },
];

interface SessionsTableProps {
  readonly model: SessionsModel;
  readonly session: Session;
  /** Neither asks nor changes. */
  readonly isHalted: boolean;
}

export function SessionsTable({ model, session, isHalted }: SessionsTableProps): JSX.Element {
  const chosen = useSignal<string | undefined>(undefined);
  const searchId = useId();
  useEffect(() => {
    if (isHalted) return undefined;
    model.start();
    return () => model.stop();
  }, [model, isHalted]);
  return (
    <section class="ops-sessions panel" aria-labelledby="ops-sessions">
      <div class="ops-section-head">
        <h2 id="ops-sessions">Sessions</h2>
        <p role="status">{describe(model)}</p>
        <label for={searchId} class="unseen">
          Find sessions by id, user, address, transport or room
        </label>
        <input
          id={searchId}
          type="search"
          placeholder="id, user, address, transport, room"
          maxLength={searchMax}
          spellcheck={false}
          autocomplete="off"
          onInput={(event) => model.search(event.currentTarget.value)}
        />
      </div>
      <p role="alert" class="ops-problem">
        {model.problem.value}
      </p>
      <Rows
        model={model}
        ownId={session.linked.value?.session}
        onChosen={(id) => {
          chosen.value = id;
        }}
      />
      <Pager model={model} />
      {chosen.value !== undefined && (
        <SessionDialog
          key={chosen.value}
          id={chosen.value}
          client={session.client}
          isOwn={chosen.value === session.linked.value?.session}
          onClose={() => {
            chosen.value = undefined;
            void model.ask();
          }}
        />
      )}
    </section>
  );
}

interface RowsProps {
  readonly model: SessionsModel;
  readonly ownId: string | undefined;
  readonly onChosen: (id: string) => void;
}

function Rows({ model, ownId, onChosen }: RowsProps): JSX.Element {
  const { sort, descending } = model.question.value;
  const answer = model.answer.value;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within the keyboard's reach.
    <section class="ops-rows" tabIndex={0} aria-label="Table of sessions">
      <table>
        <thead>
          <tr>
            <th scope="col">Session</th>
            {columns.map((column) => (
              <th
                key={column.sort}
                scope="col"
                data-figure={column.isFigure}
                data-wide={column.isWide}
                aria-sort={ariaSort(column.sort === sort, descending)}
              >
                <button type="button" class="quiet" onClick={() => model.sort(column.sort)}>
                  {column.title}
                  <span class="ops-arrow" aria-hidden="true">
                    {column.sort === sort ? (descending ? "↓" : "↑") : ""}
                  </span>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {answer?.rows.map((row) => (
            <tr key={row.id} data-linked={row.isLinked}>
              <th scope="row">
                <button
                  type="button"
                  class="ops-id"
                  aria-label={`Look into session ${row.id}`}
                  onClick={() => onChosen(row.id)}
                >
                  <code>{row.id}</code>
                </button>
                {row.id === ownId && <span class="count">this page</span>}
              </th>
              {columns.map((column) => (
                <td key={column.sort} data-figure={column.isFigure} data-wide={column.isWide}>
                  {column.show(row, answer.now)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function ariaSort(isSorted: boolean, descending: boolean): "ascending" | "descending" | undefined {
  if (!isSorted) return undefined;
  return descending ? "descending" : "ascending";
}

function Pager({ model }: { model: SessionsModel }): JSX.Element | null {
  const { page, found } = model.answer.value ?? { page: 0, found: 0 };
  const pages = Math.ceil(found / sessionRows);
  if (pages <= 1) return null;
  return (
    <nav class="ops-pager" aria-label="Pages of sessions">
      <button
        type="button"
        class="outline"
        disabled={page === 0}
        onClick={() => model.turn(page - 1)}
      >
        Previous
      </button>
      <span>
        {page + 1} of {pages}
      </span>
      <button
        type="button"
        class="outline"
        disabled={page >= pages - 1}
        onClick={() => model.turn(page + 1)}
      >
        Next
      </button>
    </nav>
  );
}

/** Without the page's number, which is beside it: what is said here is spoken. */
function describe(model: SessionsModel): string {
  const answer = model.answer.value;
  if (answer === undefined) return "Asking…";
  const { total, found } = answer;
  if (model.question.value.search.trim() === "") {
    return total === 1 ? "1 session" : `${total.toLocaleString("en")} sessions`;
  }
  if (found === 0) return `None of ${total.toLocaleString("en")} has that`;
  return `${found.toLocaleString("en")} of ${total.toLocaleString("en")}`;
}
