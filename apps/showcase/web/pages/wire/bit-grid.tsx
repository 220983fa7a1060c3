// A frame's bits as in the figure of RFC 6455 §5.2: in rows of 32, on a phone of 16.
import type { JSX } from "preact";
import { isNarrow } from "../../shell/narrow.js";
import type { FrameField } from "./frame-fields.js";

/** A field, or the part of it that is in one row. */
interface Cell {
  readonly field: FrameField;
  readonly bits: string;
  readonly isContinued: boolean;
}

/** For the eye: the list of fields beside it says the same in words. */
export function BitGrid({ fields }: { fields: readonly FrameField[] }): JSX.Element {
  const columns = isNarrow.value ? 16 : 32;
  const rows = rowsOf(fields, columns);
  return (
    <div class="bits" data-columns={columns} aria-hidden="true">
      <div class="bit-ruler">
        {Array.from({ length: columns }, (_, at) => (
          <span key={`${at}`}>{at % 8 === 0 ? at : ""}</span>
        ))}
      </div>
      {rows.map((cells, row) => (
        <div key={`${row}`} class="bit-row">
          {cells.map(({ field, bits, isContinued }, at) => (
            <div
              key={`${at}`}
              class="bit-cell"
              style={{ gridColumn: `span ${bits.length}` }}
              data-field={field.kind}
              data-narrow={bits.length === 1}
            >
              <span class="bit-name">
                {field.shortName}
                {isContinued ? " …" : ""}
              </span>
              <span class="bit-values">
                {Array.from(bits, (bit, index) => (
                  <i key={`${index}`}>{bit}</i>
                ))}
              </span>
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}

function rowsOf(fields: readonly FrameField[], columns: number): Cell[][] {
  const rows: Cell[][] = [[]];
  let left = columns;
  for (const field of fields) {
    for (let at = 0; at < field.bits.length; ) {
      if (left === 0) {
        rows.push([]);
        left = columns;
      }
      const bits = field.bits.slice(at, at + left);
      rows.at(-1)?.push({ field, bits, isContinued: at > 0 });
      at += bits.length;
      left -= bits.length;
    }
  }
  return rows;
}
