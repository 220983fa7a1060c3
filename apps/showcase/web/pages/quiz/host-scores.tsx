// The scoreboard between two questions: who leads, who is on a streak, who climbed.
import type { JSX } from "preact";
import type { HostView, Row } from "../../../shared/quiz/contract.js";
import { numberOf } from "./words.js";

export function HostScores({ view }: { view: HostView }): JSX.Element {
  const others = view.progress.players - view.top.length;
  return (
    <section class="scores" aria-labelledby="scores">
      <h2 id="scores">Scoreboard</h2>
      <ScoreTable rows={view.top} />
      {others > 0 && <p class="faint">and {numberOf(others)} more</p>}
    </section>
  );
}

interface ScoreTableProps {
  readonly rows: readonly Row[];
  /** The latest question does not matter any more. */
  readonly isFinal?: boolean;
}

export function ScoreTable({ rows, isFinal = false }: ScoreTableProps): JSX.Element {
  return (
    <table>
      <thead class="unseen">
        <tr>
          <th scope="col">Place</th>
          <th scope="col">Nickname</th>
          {!isFinal && <th scope="col">Streak</th>}
          {!isFinal && <th scope="col">Latest question</th>}
          <th scope="col">Points</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id}>
            <td class="place">{row.place}</td>
            <th scope="row">
              <bdi>{row.nickname}</bdi>
              {!isFinal && <Climb by={row.climbed} />}
            </th>
            {!isFinal && <td class="streak">{row.streak > 1 && `🔥 ${row.streak} in a row`}</td>}
            {!isFinal && <td class="gained">{row.gained > 0 && `+${numberOf(row.gained)}`}</td>}
            <td class="score">{numberOf(row.score)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Climb({ by }: { by: number }): JSX.Element | null {
  if (by === 0) return null;
  const places = Math.abs(by);
  return (
    <span class="climb" data-up={by > 0}>
      <span aria-hidden="true">{by > 0 ? "▲" : "▼"}</span>
      {places}
      <span class="unseen">{by > 0 ? " places up" : " places down"}</span>
    </span>
  );
}
