export function tidewire(url, { token, onevent, onlink = () => {}, Socket = WebSocket }) {
  let socket, session, secret, received, closed, link = 0, log = [], acked = 0;
  const put = (...packets) => packets.forEach((packet) => socket.send(JSON.stringify(packet)));
  const hello = () => ({ version: 1, link: ++link, token, session, secret, received });
  function receive({ type, id, ...packet }) {
    if (type === "welcome") {
      log.splice(0, packet.answer === "fresh" ? session && log.length : packet.received - acked);
      ({ session, secret = secret, position: socket.position, received: acked } = packet);
      if (packet.answer !== "resumed") received = packet.position;
      return put(...log), onlink(packet);
    }
    if (type === "ack") for (; acked < packet.count; acked += 1) log.shift();
    if (type === "ping") put({ type: "ack", count: received }, { type: "pong", id });
    if (["ack", "ping", "pong", "bye", "renew"].includes(type)) return;
    if (!packet.volatile && socket.position++ !== received) return; // a duplicate
    if (!packet.volatile && ++received % 32 === 0) put({ type: "ack", count: received });
    if (type === "event") onevent(packet.name, packet.data);
  }
  (function connect() {
    const final = [1009, 4000, 4001, 4006, 4400, 4401, 4403, 4413, 4415, 4426]; // §11
    const retry = () => setTimeout(() => closed || connect(), 500 + Math.random() * 1500);
    socket = new Socket(url, "tidewire.v1.json");
    socket.onopen = () => put({ type: "hello", ...hello() });
    socket.onmessage = ({ data }) => receive(JSON.parse(data));
    socket.onclose = ({ code }) => final.includes(code) || retry();
  })();
  const send = (entry) => log.push(entry) && socket.position >= 0 && put(entry);
  const close = () => { closed = true; socket.close(4000); };
  return { emit: (name, data) => send({ type: "event", name, data }), close };
}
