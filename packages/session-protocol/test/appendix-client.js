export function tidewire(url, { token, onevent, onlink = () => {}, Socket = WebSocket }) {
  let socket, session, secret, ready, closed, link = 0, received = 0, acknowledged = 0, position = 0;
  const log = []; // entries that the server has not acknowledged
  const put = (packet) => socket.send(JSON.stringify(packet));
  const forget = (count) => { log.splice(0, count - acknowledged); acknowledged = Math.max(acknowledged, count); };
  function welcome(packet) {
    if (packet.answer !== "fresh") forget(packet.received);
    else if (session) log.length = 0; // outcome unknown: not sent again
    if (packet.answer === "fresh") acknowledged = received = 0;
    ({ session, position, secret = secret } = packet);
    received = Math.max(received, position);
    for (const entry of log) put(entry);
    ready = true;
    onlink(packet);
  }
  function receive(packet) {
    if (packet.type === "welcome") return welcome(packet);
    if (packet.type === "ack") return forget(packet.count);
    if (packet.type === "ping") return put({ type: "ack", count: received }), put({ type: "pong", id: packet.id });
    if (["pong", "bye", "renew"].includes(packet.type)) return;
    if (!packet.volatile && position++ !== received) return; // a duplicate
    if (!packet.volatile && ++received % 32 === 0) put({ type: "ack", count: received });
    if (packet.type === "event") onevent(packet.name, packet.data);
  }
  (function connect() {
    socket = new Socket(url, "tidewire.v1.json");
    socket.onopen = () => put({ type: "hello", version: 1, link: ++link, token, ...(session && { session, secret, received }) });
    socket.onmessage = (message) => receive(JSON.parse(message.data));
    socket.onclose = ({ code }) => {
      ready = false;
      const final = [1009, 4000, 4001, 4006, 4400, 4401, 4403, 4413, 4415, 4426].includes(code);
      if (!closed && !final) setTimeout(connect, 500 + Math.random() * 1500);
    };
  })();
  return {
    emit: (name, data) => { if (log.push({ type: "event", name, data }) && ready) put(log.at(-1)); },
    close: () => { closed = true; if (ready) put({ type: "bye", code: 4000, reason: "" }); socket.close(4000); },
  };
}
