import type { CloseInfo, Fault } from "@tidewire/ws-protocol";
import { Wire } from "./wire.js";
export type MessageHandler = (socket: BenchSocket, data: string | Uint8Array, isBinary: boolean) => void;
export class BenchSocket extends Wire {
  handler: MessageHandler;
  constructor(handler: MessageHandler) { super(); this.handler = handler; }
  open(net: import("node:net").Socket, head: Uint8Array): void {
    this.attach(net, { role: "server", sendQueueBytesMax: 1e9, sendQueuePolicy: "terminate" });
    this.start(head);
  }
  send(data: string | Uint8Array): void {
    if (typeof data === "string") this.connection!.sendText(data); else this.connection!.sendBinary(data);
    this.afterSend();
  }
  onMessage(data: string | Uint8Array, isBinary: boolean): void { this.handler(this, data, isBinary); }
  onPiece(): void {}
  onPing(): void {}
  onPong(): void {}
  onClose(_: CloseInfo): void {}
  onFault(f: Fault): void { console.log(f); }
  onDrain(): void {}
  protected onClosed(): void {}
  protected onSocketError(e: Error): void { console.log(e); }
}
