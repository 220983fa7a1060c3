// The opening handshake: request and response line by line, and how the accept value comes about.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { LinkItem } from "../../../shared/wire/contract.js";
import { type AcceptSteps, computeAccept, guid } from "./accept-steps.js";
import { explainHeader, headerOf, readHead } from "./explain-header.js";
import { HexDump } from "./hex-dump.js";
import type { LinkView } from "./link-view.js";
import type { WireModel } from "./wire-model.js";

type Handshake = NonNullable<LinkItem["handshake"]>;

export function HandshakeView({ wire }: { wire: WireModel }): JSX.Element {
  const chosen = useSignal<number | undefined>(undefined);
  const links = wire.links.value.filter(({ item }) => item.handshake !== undefined);
  const view =
    links.find(({ item }) => item.link === chosen.value) ??
    links.findLast(({ item }) => item.transport === "websocket");
  const handshake = view?.item.handshake;
  if (view === undefined || handshake === undefined) {
    return (
      <section class="wire-card">
        <p>The handshake is shown as soon as the server has reported it.</p>
      </section>
    );
  }
  return (
    <div class="handshake">
      {links.length > 1 && (
        <label class="link-choice">
          Connection
          <select
            value={view.item.link}
            onChange={({ currentTarget }) => {
              chosen.value = Number(currentTarget.value);
            }}
          >
            {links.map((link) => (
              <option key={link.item.link} value={link.item.link}>
                {describeLink(link)}
              </option>
            ))}
          </select>
        </label>
      )}
      <Head
        title="The request, as the server read it"
        head={handshake.request}
        note={<Provenance handshake={handshake} />}
      />
      <Head title="The response, as the server wrote it" head={handshake.response} />
      <Accept handshake={handshake} />
      <Agreed handshake={handshake} />
    </div>
  );
}

function describeLink({ item, end }: LinkView): string {
  const time = new Date(item.at).toLocaleTimeString();
  const what = item.transport === "specimen" ? "Compressed echo" : "The page’s session";
  return `${item.link}: ${what}, seen since ${time}${end === undefined ? "" : ", ended"}`;
}

function Head({
  title,
  head,
  note,
}: {
  title: string;
  head: string;
  note?: JSX.Element;
}): JSX.Element {
  const isRaw = useSignal(false);
  const { first, lines } = readHead(head);
  return (
    <section class="wire-card">
      <header>
        <h2>{title}</h2>
        <button
          type="button"
          class="quiet"
          aria-pressed={isRaw.value}
          onClick={() => {
            isRaw.value = !isRaw.value;
          }}
        >
          {isRaw.value ? "As lines" : "As bytes"}
        </button>
      </header>
      {note}
      {isRaw.value ? (
        <HexDump label={title} bytes={latin1(head)} />
      ) : (
        <dl class="head-lines">
          <div>
            <dt>
              <code>{first}</code>
            </dt>
            <dd>{explainFirst(first)}</dd>
          </div>
          {lines.map(({ name, value }, at) => {
            const meaning = explainHeader(name);
            return (
              <div key={`${at} ${name}`} data-unknown={meaning === undefined}>
                <dt>
                  <code>
                    <b>{name}</b>: {value}
                  </code>
                </dt>
                <dd>{meaning ?? "Not known to this page; the handshake does not depend on it."}</dd>
              </div>
            );
          })}
        </dl>
      )}
    </section>
  );
}

function explainFirst(line: string): string {
  return line.startsWith("HTTP/")
    ? "101: the server switches protocols. From the next byte on there are frames."
    : "A WebSocket begins as an ordinary GET, so that it passes where HTTP does (§4.1).";
}

function Provenance({ handshake }: { handshake: Handshake }): JSX.Element {
  const { isCounted, requestBytes, secure } = handshake;
  if (isCounted) {
    return (
      <p class="faint">
        ✓ {requestBytes} bytes: as many as the socket had received by then. Values of cookies are
        masked.
      </p>
    );
  }
  return (
    <p class="faint">
      Put together from what Node’s parser read: names and values as sent
      {secure
        ? "; under TLS the socket counts encrypted bytes"
        : ", spaces around values may differ"}
      . Values of cookies are masked.
    </p>
  );
}

function Accept({ handshake }: { handshake: Handshake }): JSX.Element | null {
  const key = headerOf(handshake.request, "sec-websocket-key");
  const answer = headerOf(handshake.response, "sec-websocket-accept") ?? "";
  if (key === undefined) return null;
  const steps = computeAccept(key);
  const isRight = steps.accept === answer;
  return (
    <section class="wire-card" aria-labelledby="accept-title">
      <h2 id="accept-title">The accept value, computed here</h2>
      <ol class="accept">
        <Step title="The key of the request" code={steps.key}>
          16 random bytes in base64: <code>{steps.keyHex}</code>
        </Step>
        <Step title="Joined with the GUID of RFC 6455" code={<Joined steps={steps} />}>
          A fixed text which only a WebSocket server puts there (§1.3).
        </Step>
        <Step title="SHA-1 of that" code={steps.digestHex}>
          20 bytes. Not for secrecy: it only proves that the key was read.
        </Step>
        <Step title="In base64" code={steps.accept}>
          What this page expects.
        </Step>
        <Step title="The server’s Sec-WebSocket-Accept" code={answer}>
          <strong class={isRight ? "right" : "wrong"}>
            {isRight
              ? "✓ The same. The server has understood."
              : "✗ Not the same: the browser would refuse it."}
          </strong>
        </Step>
      </ol>
    </section>
  );
}

function Joined({ steps }: { steps: AcceptSteps }): JSX.Element {
  return (
    <>
      {steps.key}
      <b>{guid}</b>
    </>
  );
}

function Step({
  title,
  code,
  children,
}: {
  title: string;
  code: JSX.Element | string;
  children: preact.ComponentChildren;
}): JSX.Element {
  return (
    <li>
      <strong>{title}</strong>
      <code class="accept-value">{code}</code>
      <span class="faint">{children}</span>
    </li>
  );
}

function Agreed({ handshake }: { handshake: Handshake }): JSX.Element {
  const offered = headerOf(handshake.request, "sec-websocket-extensions");
  const accepted = headerOf(handshake.response, "sec-websocket-extensions");
  const protocol = headerOf(handshake.response, "sec-websocket-protocol");
  return (
    <section class="wire-card" aria-labelledby="agreed-title">
      <h2 id="agreed-title">What was agreed on</h2>
      <dl class="head-lines">
        <div>
          <dt>Subprotocol</dt>
          <dd>
            {protocol === undefined ? (
              "None: messages are just what was sent."
            ) : (
              <>
                <code>{protocol}</code>, one packet of the session protocol in each message,{" "}
                {protocol.endsWith("binary") ? "in bytes." : "as JSON text."}
              </>
            )}
          </dd>
        </div>
        <div>
          <dt>Compression</dt>
          <dd>{explainCompression(offered, accepted)}</dd>
        </div>
      </dl>
    </section>
  );
}

function explainCompression(offered: string | undefined, accepted: string | undefined): string {
  if (accepted !== undefined) {
    return `${accepted}: compressed messages have RSV1 set in their first frame.`;
  }
  if (offered === undefined) return "None: the browser did not offer any.";
  return (
    `None. The browser offers ${offered}, and the hub declines: welcomes hold secrets beside what ` +
    "others chose, and compressed together their lengths could betray them. So RSV1 is 0 in every frame here."
  );
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
