// The clients that are compared, each used as its documentation shows, compression off.

import { connect as connectTidewire } from "@tidewire/websocket";
import { WebSocket as UndiciSocket } from "undici";
import { WebSocket as WsSocket } from "ws";
import { directName } from "../rivals.js";

export interface TestClient {
  send(message: string | Uint8Array): void;
}

type Connect = (
  url: string,
  onMessage: (client: TestClient, data: unknown) => void,
) => Promise<TestClient>;

export const clientLibraries: Readonly<Record<string, Connect>> = {
  tidewire: tidewire(false),
  [directName]: tidewire(true),

  ws(url, onMessage) {
    return new Promise((resolve, reject) => {
      const socket = new WsSocket(url, { perMessageDeflate: false });
      const client = { send: (message: string | Uint8Array) => socket.send(message) };
      socket.on("error", reject);
      socket.on("message", (data: Buffer) => onMessage(client, data));
      socket.on("open", () => resolve(client));
    });
  },

  undici(url, onMessage) {
    return new Promise((resolve, reject) => {
      const socket = new UndiciSocket(url);
      const client = { send: (message: string | Uint8Array) => socket.send(message as string) };
      socket.binaryType = "arraybuffer";
      socket.onerror = (event) => reject(event.error);
      socket.onmessage = ({ data }) => onMessage(client, data);
      socket.onopen = () => resolve(client);
    });
  },
};

function tidewire(directIo: boolean): Connect {
  return async (url, onMessage) => {
    const socket = await connectTidewire(url, {
      directIo,
      perMessageDeflate: false,
      keepalive: { pingIntervalMs: 0 },
      handlers: { message: (_, data) => onMessage(client, data) },
    });
    const client = { send: (message: string | Uint8Array) => void socket.send(message) };
    return client;
  };
}
