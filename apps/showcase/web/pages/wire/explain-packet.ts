// What a packet of the session protocol is for, in a sentence. PROTOCOL.md says it in full.

const meanings: Readonly<Record<string, string>> = {
  hello: "The first packet of every link: who the page is, and how many entries it has received.",
  welcome: "The answer: a new session, or the former one goes on; with the server's own count.",
  event:
    "Something happened. An entry of the log, unless it is volatile: delivered once, in order.",
  request: "A question: an entry that wants exactly one reply or failure.",
  reply: "The answer to the request of that number. An entry, too.",
  failure: "The answer is an error. An entry, too.",
  abort: "Whoever asked has stopped waiting.",
  open: "A stream begins.",
  data: "One item of a stream.",
  credit: "So many more items may be sent: this is the backpressure of streams.",
  end: "No more items from this side.",
  cancel: "The stream is over, both ways.",
  ack: "So many entries have been received. Their sender may forget them.",
  ping: "The session's sign of life, apart from WebSocket's own: it works over every transport.",
  pong: "The answer to the session's ping.",
  token: "A new token, before the old one runs out.",
  renew: "How long the new token is good.",
  bye: "The last packet of a link: why, and whether to come back.",
  batch: "The head of a POST.",
};

const opcodes: Readonly<Record<string, string>> = {
  ping: "WebSocket's own ping. Browsers answer it by themselves, and pages never see it.",
  pong: "WebSocket's own pong, by which the browser answers a ping.",
  close: "The closing handshake: a code in two bytes, and a reason.",
  continuation: "A further part of a message in several frames.",
  text: "A text message.",
  binary: "A binary message.",
};

/** @param packet its type; undefined for a frame without a packet */
export function explainPacket(packet: string | undefined, opcode: string): string {
  return (packet === undefined ? opcodes[opcode] : meanings[packet]) ?? "";
}
