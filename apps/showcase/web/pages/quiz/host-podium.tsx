// The end: who has won, the rest as a file, and another game.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { HostView } from "../../../shared/quiz/contract.js";
import { saveFile } from "../../transfers/save-file.js";
import { fileName } from "./file-name.js";
import type { HostModel } from "./host-model.js";
import { ScoreTable } from "./host-scores.js";
import { writeResults } from "./results-file.js";
import { numberOf, ordinal } from "./words.js";

const places = [1, 2, 3] as const;

export function HostPodium({ host, view }: { host: HostModel; view: HostView }): JSX.Element {
  const told = useSignal("");
  const save = async () => {
    try {
      const rows = await host.scores();
      const table = new Blob([writeResults(rows)], { type: "text/csv" });
      saveFile(table, fileName(view.title, "csv"));
      told.value = `${numberOf(rows.length)} results saved.`;
    } catch {
      told.value = "The results could not be fetched. Try again when the connection is back.";
    }
  };
  const others = view.top.filter(({ place }) => place > 3);
  return (
    <section class="finale" aria-labelledby="finale">
      <h2 id="finale">The podium</h2>
      <ol class="podium">
        {places.map((place) => (
          <Place key={place} view={view} place={place} />
        ))}
      </ol>
      {others.length > 0 && <ScoreTable rows={others} isFinal />}
      <p class="finale-actions">
        <button type="button" class="secondary" onClick={save}>
          Save all results
        </button>
        <button type="button" onClick={() => host.end()}>
          New game
        </button>
      </p>
      <p role="status" class="faint">
        {told.value}
      </p>
    </section>
  );
}

/** Who has as many points stands on the same step. */
function Place({ view, place }: { view: HostView; place: number }): JSX.Element | null {
  const winners = view.top.filter((row) => row.place === place);
  const [first] = winners;
  if (first === undefined) return null;
  return (
    <li data-place={place}>
      <p class="winners">
        {winners.map(({ id, nickname }) => (
          <bdi key={id}>{nickname}</bdi>
        ))}
      </p>
      <p class="pedestal">
        <strong>{ordinal(place)}</strong>
        <span>{numberOf(first.score)}</span>
      </p>
    </li>
  );
}
