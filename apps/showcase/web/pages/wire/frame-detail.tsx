// One frame in full: its bits, its bytes before and after unmasking, and the packet in it.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { isNarrow } from "../../shell/narrow.js";
import { BitGrid } from "./bit-grid.js";
import { explainPacket } from "./explain-packet.js";
import { type Frame, payloadOnTheLine } from "./frame.js";
import { fieldsOf } from "./frame-fields.js";
import { hexByte } from "./hex.js";
import { HexDump } from "./hex-dump.js";

export function FrameDetail({ frame }: { frame: Frame }): JSX.Element {
  const { item, header, opcode } = frame;
  const element = useRef<HTMLElement>(null);
  const fields = fieldsOf(frame);
  const isUp = item.direction === "up";
  // On a phone it is below the list.
  useEffect(() => {
    if (isNarrow.peek()) element.current?.scrollIntoView({ block: "start" });
  }, []);
  return (
    <section ref={element} class="wire-card frame-detail" aria-label={`Frame ${item.number}`}>
      <h3>
        {isUp ? "↑ Page to server" : "↓ Server to page"} · {opcode} ·{" "}
        {(item.header.length + header.length).toLocaleString("en")} bytes on the line
      </h3>
      {item.isLost && <p class="frame-note">This one went into the dead line and never arrived.</p>}
      <BitGrid fields={fields} />
      <dl class="field-list">
        {fields.map(({ kind, name, value, meaning }) => (
          <div key={name} data-field={kind}>
            <dt>
              <span class="swatch" aria-hidden="true" />
              {name}
            </dt>
            <dd>
              <code>{value}</code> {meaning}
            </dd>
          </div>
        ))}
      </dl>
      <Payload frame={frame} />
      <PacketView frame={frame} />
    </section>
  );
}

function Payload({ frame }: { frame: Frame }): JSX.Element | null {
  const { item, header, missing } = frame;
  if (item.payload.length === 0) return null;
  const masked = payloadOnTheLine(frame);
  return (
    <>
      {header.masked && (
        <>
          <h4>Payload on the line, masked</h4>
          <HexDump label="Payload on the line" bytes={masked} />
          <Unmasking frame={frame} masked={masked} />
        </>
      )}
      <h4>{header.masked ? "Payload, unmasked" : "Payload, which was never masked"}</h4>
      {item.isRedacted && (
        <p class="frame-note">
          The server has overwritten the secrets in it before it reported them, by as many letters.
        </p>
      )}
      <HexDump label="Payload" bytes={item.payload} />
      {missing > 0 && <p class="faint">And {missing.toLocaleString("en")} bytes more.</p>}
      <Inflated frame={frame} />
    </>
  );
}

/** RFC 7692: what the compressed payload says. */
function Inflated({ frame: { item, header } }: { frame: Frame }): JSX.Element | null {
  if (!header.rsv1) return null;
  const { inflated, inflatedLength } = item;
  if (inflated === undefined || inflatedLength === undefined) {
    return <p class="faint">It is compressed, and the server could not inflate it here.</p>;
  }
  return (
    <>
      <h4>Payload, inflated</h4>
      <p class="faint">
        {inflatedLength.toLocaleString("en")} bytes travelled as{" "}
        {header.length.toLocaleString("en")}. What came before on this connection helps: it may be
        referred to.
      </p>
      <HexDump label="Payload, inflated" bytes={inflated} />
    </>
  );
}

/** §5.3, for the first four bytes. */
function Unmasking({ frame, masked }: { frame: Frame; masked: Uint8Array }): JSX.Element {
  const { item, header } = frame;
  return (
    <p class="unmasking">
      {Array.from(item.payload.subarray(0, 4), (byte, at) => (
        <code key={`${at}`}>
          {hexByte(masked[at] ?? 0)} ⊕ {hexByte(header.maskingKey?.[at] ?? 0)} = {hexByte(byte)}
          {byte > 0x20 && byte < 0x7f ? ` ${String.fromCharCode(byte)}` : ""}
        </code>
      ))}
    </p>
  );
}

function PacketView({ frame }: { frame: Frame }): JSX.Element {
  const { item, packet, opcode } = frame;
  const isAll = useSignal(false);
  const type = packet?.type ?? item.packet;
  const text = packet === undefined ? "" : JSON.stringify(packet, showBytes, 2);
  const isLong = text.length > shortCharacters;
  return (
    <>
      <h4>
        {type === undefined ? "No packet" : `Packet: ${type}`}
        {item.position !== undefined &&
          `, entry ${item.position} of the ${item.direction === "up" ? "page" : "server"}’s log`}
      </h4>
      <p class="faint">{explainPacket(type, opcode)}</p>
      {text !== "" && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within the keyboard's reach.
        <pre class="packet" tabIndex={0}>
          <code>{isLong && !isAll.value ? `${text.slice(0, shortCharacters)} …` : text}</code>
        </pre>
      )}
      {isLong && !isAll.value && (
        <button
          type="button"
          class="quiet"
          onClick={() => {
            isAll.value = true;
          }}
        >
          Show all of it
        </button>
      )}
      {text === "" && type !== undefined && (
        <p class="faint">Too long to be shown whole: only its beginning was reported.</p>
      )}
    </>
  );
}

const shortCharacters = 1_500;

function showBytes(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? `(${value.length} bytes)` : value;
}
