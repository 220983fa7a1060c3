export function tidewire(url, { token, onevent, onlink = () => {}, Socket = WebSocket }) {
  const log = []; // entries that the server has not acknowledged
  let acknowledged = 0; // position of log[0]
  let received = 0;
  let link = 0;
  let session, secret, socket, ready, closed;
  const put = (packet) => socket.send(JSON.stringify(packet));
  const forget = (count) => {
    if (count > acknowledged) log.splice(0, count - acknowledged);
    acknowledged = Math.max(acknowledged, count);
  };
  function connect() {
    let position = 0; // of the next entry on this link
    socket = new Socket(url, "tidewire.v1.json");
    socket.onopen = () => {
      const resume = session && { session, secret, received };
      put({ type: "hello", version: 1, link: ++link, token, ...resume });
    };
    socket.onmessage = (message) => {
      const packet = JSON.parse(message.data);
      if (packet.type === "welcome") {
        if (packet.answer === "fresh" && session) log.length = 0; // outcome unknown: not sent again
        if (packet.answer === "fresh") acknowledged = received = 0;
        else forget(packet.received);
        session = packet.session;
        secret = packet.secret ?? secret;
        position = packet.position;
        received = Math.max(received, position);
        ready = true;
        for (const entry of log) put(entry);
        onlink(packet);
      } else if (packet.type === "ack") forget(packet.count);
      else if (packet.type === "ping") {
        put({ type: "ack", count: received });
        put({ type: "pong", id: packet.id });
      } else if (packet.type === "event" && packet.volatile) onevent(packet.name, packet.data);
      else if (!["pong", "bye", "renew"].includes(packet.type) && position++ === received) {
        if (++received % 32 === 0) put({ type: "ack", count: received });
        if (packet.type === "event") onevent(packet.name, packet.data);
      }
    };
    socket.onclose = ({ code }) => {
      ready = false;
      if (closed || [4000, 4001, 4006, 4400, 4401, 4403, 4413, 4415, 4426].includes(code)) return;
      setTimeout(connect, 500 + Math.random() * 1500);
    };
  }
  connect();
  return {
    emit(name, data) {
      const entry = { type: "event", name, data };
      log.push(entry);
      if (ready) put(entry);
    },
    close() {
      closed = true;
      if (ready) put({ type: "bye", code: 4000, reason: "" });
      socket.close(4000);
    },
  };
}
