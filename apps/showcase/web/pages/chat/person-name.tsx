// How people are shown: a colour that stays theirs, their name, and where two have the same name,
// the beginning of their id.
import type { JSX } from "preact";
import type { Person } from "../../../shared/chat/contract.js";
import { nameKey } from "./room-model.js";

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

interface PersonNameProps {
  readonly person: Person;
  readonly sharedNames: ReadonlySet<string>;
}

export function PersonName({ person, sharedNames }: PersonNameProps): JSX.Element {
  const isShared = sharedNames.has(nameKey(person.name));
  return (
    <span class="person-name">
      <bdi>{person.name}</bdi>
      {isShared && <span class="tag"> #{person.id.slice(0, 4)}</span>}
    </span>
  );
}

export function Avatar({ person }: { person: Person }): JSX.Element {
  const [first] = graphemes.segment(person.name);
  const hue = (Number.parseInt(person.id.slice(0, 4), 16) || 0) % 360;
  return (
    <span class="avatar" aria-hidden="true" style={{ "--hue": `${hue}` }}>
      {first?.segment.toUpperCase()}
    </span>
  );
}
