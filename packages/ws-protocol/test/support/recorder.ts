/** Listeners that write down what they are told, in a form that can be compared. */
import type { ConnectionListener } from "../../src/connection/connection-listener.js";
import type { Fault } from "../../src/faults.js";
import type { CloseInfo } from "../../src/frames/close-payload.js";
import type { MessageConsumer } from "../../src/messages/message-reader.js";

export type Recorded =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "binary" | "textBytes"; readonly hex: string }
  | { readonly type: "streamed"; readonly isBinary: boolean; hex: string; ended: boolean }
  | { readonly type: "ping" | "pong" | "close"; readonly hex: string }
  | { readonly type: "closed"; readonly info: CloseInfo }
  | { readonly type: "fault"; readonly code: string; readonly closeCode: number };

class Records {
  readonly events: Recorded[] = [];
  /** Every fault, with its detail. */
  readonly faults: Fault[] = [];
  /** Runs after each event, such as to pause in a callback. */
  afterEvent: ((event: Recorded) => void) | undefined;

  onMessage(data: string | Uint8Array, isBinary: boolean): void {
    if (typeof data === "string") this.add({ type: "text", text: data });
    else this.add({ type: isBinary ? "binary" : "textBytes", hex: toHex(data) });
  }

  /** The pieces of a message are put together, since how many there are depends on the cuts. */
  onPiece(piece: Uint8Array, isBinary: boolean, first: boolean, last: boolean): void {
    if (first) this.events.push({ type: "streamed", isBinary, hex: "", ended: false });
    const event = this.events.at(-1);
    const message = event?.type === "streamed" ? event : this.#openMessage();
    if (message.ended) throw new Error("a piece came behind the last one");
    if (message.isBinary !== isBinary) throw new Error("the pieces differ in type");
    if (piece.length === 0 && !last) throw new Error("an empty piece that is not the last");
    message.hex += toHex(piece);
    message.ended = last;
    this.afterEvent?.(message);
  }

  onFault(fault: Fault): void {
    this.faults.push(fault);
    this.add({ type: "fault", code: fault.code, closeCode: fault.closeCode });
  }

  protected add(event: Recorded): void {
    if (this.events.at(-1)?.type === "fault") throw new Error(`${event.type} after a fault`);
    this.events.push(event);
    this.afterEvent?.(event);
  }

  #openMessage(): Recorded & { type: "streamed" } {
    const open = this.events.findLast((event) => event.type === "streamed");
    if (open === undefined) throw new Error("a piece of no message");
    return open;
  }
}

export class RecordingConsumer extends Records implements MessageConsumer {
  onControl(opcode: number, bytes: Uint8Array, start: number, end: number): void {
    const type = opcode === 8 ? "close" : opcode === 9 ? "ping" : "pong";
    this.add({ type, hex: toHex(bytes.subarray(start, end)) });
  }
}

export class RecordingListener extends Records implements ConnectionListener {
  readyCalls = 0;
  onReadyCall: (() => void) | undefined;

  onPing(bytes: Uint8Array, start: number, end: number): void {
    this.add({ type: "ping", hex: toHex(bytes.subarray(start, end)) });
  }
  onPong(bytes: Uint8Array, start: number, end: number): void {
    this.add({ type: "pong", hex: toHex(bytes.subarray(start, end)) });
  }
  onClose(info: CloseInfo): void {
    this.add({ type: "closed", info });
  }
  onReady(): void {
    this.readyCalls++;
    this.onReadyCall?.();
  }
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}
