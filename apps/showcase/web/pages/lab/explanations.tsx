// Each transport in plain words, beside what it has just cost; and how the figures were measured.
import type { JSX } from "preact";
import { type LabTransport, labTransports } from "../../../shared/lab/contract.js";
import { columns, formatCell } from "../../../shared/lab/lab-row.js";
import type { LabModel } from "./lab-model.js";
import { Swatch } from "./swatch.js";
import { labWords } from "./words.js";

const shown = [
  ["p50Ms", "half arrive within"],
  ["downPerMessage", "down per message"],
  ["upPerMessage", "up per message"],
  ["requests", "requests"],
] as const;

export function Explanations({ model }: { model: LabModel }): JSX.Element {
  return (
    <section class="explanations" aria-labelledby="lab-explained">
      <h2 id="lab-explained">The five, explained</h2>
      {labTransports.map((transport) => (
        <Explanation key={transport} transport={transport} model={model} />
      ))}
    </section>
  );
}

function Explanation(props: { transport: LabTransport; model: LabModel }): JSX.Element {
  const { transport, model } = props;
  const { label, how, choose, costs } = labWords[transport];
  const row = model.rows.value.find((candidate) => candidate.transport === transport);
  return (
    <article class="explanation panel" data-transport={transport}>
      <header>
        <h3>
          <Swatch transport={transport} />
          {label}
        </h3>
        <dl>
          {shown.map(([key, words]) => (
            <div key={key}>
              <dd>{row ? formatCell(row, columns.find((column) => column.key === key)!) : "–"}</dd>
              <dt>{words}</dt>
            </div>
          ))}
        </dl>
      </header>
      <div class="words">
        <div>
          <h4>How it works</h4>
          <p>{how}</p>
        </div>
        <div>
          <h4>When to choose it</h4>
          <p>{choose}</p>
        </div>
        <div>
          <h4>What it costs</h4>
          <p>{costs}</p>
        </div>
      </div>
    </article>
  );
}

export function HowMeasured({ model }: { model: LabModel }): JSX.Element {
  const errorMs = model.clockErrorMs.value;
  const isEncrypted = location.protocol === "https:";
  return (
    <section class="measured panel" aria-labelledby="lab-measured">
      <h2 id="lab-measured">How it is measured</h2>
      <dl>
        <dt>Latency</dt>
        <dd>
          Push: from the server's clock as it sends to this page's clock as it arrives. The
          difference between the two clocks is taken from the quickest of many questions to the
          server
          {errorMs === undefined
            ? "."
            : `, and known within ± ${errorMs < 10 ? errorMs.toFixed(2) : Math.round(errorMs)} ms.`}{" "}
          Echo: from question to answer, by this page's clock alone.
        </dd>
        <dt>Bytes</dt>
        <dd>
          Counted by the server on the socket: request and status lines, all headers, the heads of
          chunks and frames, and the session's acknowledgements, without which nothing could be sent
          again.{" "}
          {isEncrypted
            ? "Counted before they are encrypted; TLS adds some 22 bytes to each record. "
            : ""}
          TCP and IP come on top, some 40 bytes for each packet. Per message leaves out what came
          before the first message, which is the setup.
        </dd>
        <dt>Server CPU</dt>
        <dd>
          A process knows only the sum of what it does, and this server does all five at once, and
          more. So it starts the same lab without a browser (<code>npm run lab</code>) with your
          settings: one transport after the other, each on a server process to itself, user and
          system time without what the process takes when idle. That takes half a minute. At low
          rates most of it is the waking up, which messages that come together share.
        </dd>
        <dt>Fairness</dt>
        <dd>
          All carry the same JSON. Over HTTP/1.1 a browser opens six connections to a server at
          most: all at once, the four HTTP transports share them, which can add to their latency.
          Choose one alone to see it undisturbed.
        </dd>
      </dl>
    </section>
  );
}
