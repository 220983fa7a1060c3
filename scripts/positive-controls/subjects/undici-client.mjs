// The WebSocket of the `undici` package.
import { counts, obey, requirePeer, take } from "./subject.mjs";

const { WebSocket } = requirePeer("undici");

obey({
  connect(url, { opened, failed }) {
    /** @type {import("undici").WebSocket} */
    const socket = new WebSocket(url);
    let isOpen = false;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      isOpen = true;
      counts.connections++;
      opened();
    };
    socket.onmessage = ({ data }) =>
      take({ data, length: data.byteLength ?? data.length }, () => socket.send(data));
    socket.onclose = () => {
      if (isOpen) counts.connections--;
      else failed();
    };
  },
});
