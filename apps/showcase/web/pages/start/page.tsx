import type { JSX } from "preact";
import type { PageProps } from "../page.js";

export default function Start(_: PageProps): JSX.Element {
  return (
    <main class="start">
      <h1>Tidewire</h1>
    </main>
  );
}
