// Somebody who opens a WebSocket with a key of their choice, and asks for a ticket over it.
import { connect, type Socket } from "node:net";
import { jsonCodec, type Packet } from "@tidewire/session-protocol";
import { FrameDissector } from "../../../../shared/wire/frame-dissector.js";

export interface Stranger {
  readonly socket: Socket;
  readonly ticket: string;
}

export async function repeatKey(port: number, key: string, token: string): Promise<Stranger> {
  const socket = connect(port, "127.0.0.1");
  const say = (packet: Packet): void => {
    const payload = Buffer.from(String(jsonCodec.encode(packet)));
    // Masked by zeros, and shorter than 126 bytes.
    socket.write(Buffer.concat([Buffer.of(0x81, 0x80 | payload.length, 0, 0, 0, 0), payload]));
  };
  socket.write(
    [
      "GET /tidewire HTTP/1.1",
      `Host: 127.0.0.1:${port}`,
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Key: ${key}`,
      "Sec-WebSocket-Protocol: tidewire.v1.json",
      "\r\n",
    ].join("\r\n"),
  );
  say({ type: "hello", version: 1, link: 1, token });
  const ticket = await new Promise<string>((resolve, reject) => {
    const dissector = new FrameDissector(100_000);
    let isOpen = false;
    socket.on("error", reject);
    socket.on("data", (chunk: Buffer) => {
      const end = isOpen ? 0 : chunk.indexOf("\r\n\r\n") + 4;
      isOpen = true;
      for (const { payload } of dissector.push(chunk.subarray(end))) {
        const packet = jsonCodec.decode(Buffer.from(payload).toString());
        if (packet.type === "welcome") say({ type: "request", id: 1, name: "wire.inspect" });
        if (packet.type === "reply") resolve((packet.data as { ticket: string }).ticket);
      }
    });
  });
  return { socket, ticket };
}
