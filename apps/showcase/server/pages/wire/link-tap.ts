// One WebSocket that is looked at: its bytes as frames, their packets, and the packets' places.
import {
  type Codec,
  createBinaryCodec,
  isCounted,
  isFault,
  jsonCodec,
  type Packet,
} from "@tidewire/session-protocol";
import type { FrameItem } from "../../../shared/wire/contract.js";
import {
  type DissectedFrame,
  FrameDissector,
  isWholeFrames,
} from "../../../shared/wire/frame-dissector.js";
import { applyMask } from "../../../shared/wire/frame-header.js";
import { payloadBytesMax } from "../../../shared/wire/limits.js";
import { specimenPath } from "../../../shared/wire/specimen-path.js";
import { Inflation } from "./inflation.js";
import { messageBytesMax } from "./limits.js";
import { maskPayload } from "./mask-secrets.js";
import type { OpenSocket } from "./open-sockets.js";
import { SocketTap } from "./socket-tap.js";

export type SeenFrame = Omit<FrameItem, "type" | "link" | "number">;

export interface LinkTapListener {
  frame(frame: SeenFrame): void;
  closed(): void;
}

/** Where the next entries of the session belong; asked for when a look begins in the middle. */
export interface Places {
  readonly sent: number;
  readonly received: number;
}

const textOpcode = 0x1;
const binaryOpcode = 0x2;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const binaryCodec = createBinaryCodec({
  encode: (text) => encoder.encode(text),
  decode: (bytes) => decoder.decode(bytes),
});

export class LinkTap {
  readonly socket: OpenSocket;
  /** Whether it is looked at since its first byte. */
  readonly isWhole: boolean;
  /** Who is told; may be exchanged while it is looked at. */
  listener: LinkTapListener;
  readonly #tap: SocketTap;
  readonly #places: (() => Places) | undefined;
  readonly #up = new FrameDissector(messageBytesMax);
  readonly #down = new FrameDissector(messageBytesMax);
  /** Bytes of the response, which come before the first frame. */
  #responseBytes = 0;
  #nextDown: number | undefined;
  #nextUp: number | undefined;
  #isInStep: boolean;
  /** Whether its messages are packets. */
  readonly #hasPackets: boolean;
  /** By direction, where compression was agreed on. */
  readonly #inflations: Readonly<Record<"up" | "down", Inflation>> | undefined;

  /** @param places of a connection that is open already; undefined for one that opens just now */
  constructor(socket: OpenSocket, listener: LinkTapListener, places?: () => Places) {
    this.socket = socket;
    this.listener = listener;
    this.#places = places;
    this.isWhole = places === undefined;
    this.#isInStep = this.isWhole;
    this.#hasPackets = !socket.url.startsWith(specimenPath);
    if (this.isWhole && /^sec-websocket-extensions: .*permessage-deflate/im.test(socket.response)) {
      this.#inflations = { up: new Inflation(), down: new Inflation() };
    }
    if (places === undefined) this.#responseBytes = socket.responseBytes;
    else this.#nextDown = places().sent;
    this.#tap = new SocketTap(socket.netSocket, {
      received: (chunk) => this.#received(chunk),
      sent: (chunk, isLost) => this.#sent(chunk, isLost),
      closed: () => this.listener.closed(),
    });
  }

  /** Whether the line was cut, though it may not have broken yet. */
  get isDead(): boolean {
    return this.#tap.isDead;
  }

  kill(): void {
    this.#tap.kill();
  }

  destroy(): void {
    this.#tap.destroy();
  }

  /** §5.5.2: a Ping. The browser answers it without telling the page. */
  ping(): void {
    this.#tap.inject(Uint8Array.of(0x89, 4, 0x74, 0x69, 0x64, 0x65)); // "tide"
  }

  release(): void {
    this.#tap.release();
  }

  #received(chunk: Uint8Array): void {
    if (!this.#isInStep) {
      if (!isWholeFrames(chunk, true)) return;
      this.#isInStep = true;
      // Nothing of this chunk has been counted yet.
      this.#nextUp = this.#places?.().received;
    }
    for (const frame of this.#up.push(chunk)) this.#see("up", frame, false);
  }

  #sent(chunk: Uint8Array, isLost: boolean): void {
    const skipped = Math.min(this.#responseBytes, chunk.length);
    this.#responseBytes -= skipped;
    for (const frame of this.#down.push(chunk.subarray(skipped))) this.#see("down", frame, isLost);
  }

  #see(direction: "up" | "down", frame: DissectedFrame, isLost: boolean): void {
    const { header, bytes } = frame;
    const payload = applyMask(frame.payload, header.maskingKey);
    const isAll = frame.payload.length === header.length;
    const packet = isAll && this.#hasPackets ? readPacketOf(frame, payload) : undefined;
    const position = packet === undefined ? undefined : this.#place(direction, packet);
    const isRedacted = maskPayload(payload, packet);
    this.listener.frame({
      at: Date.now(),
      direction,
      header: bytes,
      payload: payload.slice(0, payloadBytesMax),
      ...this.#inflate(direction, frame, payload),
      ...(packet && { packet: packet.type }),
      ...(position !== undefined && { position }),
      ...(isRedacted && { isRedacted }),
      ...(isLost && { isLost }),
    });
  }

  /** RFC 7692 §6.1: RSV1 of a message's first frame says that it is compressed. */
  #inflate(
    direction: "up" | "down",
    { header, payload: { length } }: DissectedFrame,
    payload: Uint8Array,
  ): Pick<SeenFrame, "inflated" | "inflatedLength"> {
    const inflation = this.#inflations?.[direction];
    if (!header.rsv1 || inflation === undefined) return {};
    // A message in several frames is shown as it is.
    if (!header.fin || length < header.length) inflation.lose();
    const bytes = inflation.inflate(payload);
    if (bytes === undefined) return {};
    return { inflated: bytes.slice(0, payloadBytesMax), inflatedLength: bytes.length };
  }

  /** PROTOCOL.md §5.5: the welcome says where both directions begin, and then everyone counts. */
  #place(direction: "up" | "down", packet: Packet): number | undefined {
    if (packet.type === "welcome") {
      this.#nextDown = packet.position;
      this.#nextUp = packet.received;
    }
    if (!isCounted(packet)) return undefined;
    if (direction === "up") return this.#nextUp === undefined ? undefined : this.#nextUp++;
    return this.#nextDown === undefined ? undefined : this.#nextDown++;
  }
}

/** Of a message in one frame, as the hub and browsers send them. */
function readPacketOf({ header }: DissectedFrame, payload: Uint8Array): Packet | undefined {
  if (!header.fin || header.rsv1) return undefined;
  if (header.opcode === textOpcode) return readWith(jsonCodec, payload);
  if (header.opcode === binaryOpcode) return readWith(binaryCodec, payload);
  return undefined;
}

function readWith(codec: Codec, payload: Uint8Array): Packet | undefined {
  try {
    const packet = codec.decode(codec.binary ? payload : decoder.decode(payload));
    return isFault(packet) ? undefined : packet;
  } catch {
    return undefined; // Not UTF-8: the hub closes such a link.
  }
}
