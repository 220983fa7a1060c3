// @ts-check
// What RFC 6455 §5 and §6 make a MUST, in our own words, and how its test is recognized.

/** @type {import("./duties-handshake.mjs").Duty[]} */
export const dataDuties = [
  {
    id: "5.1-1",
    role: "client",
    duty: "mask every frame",
    proof: /client.*mask|mask.*client/i,
  },
  {
    id: "5.1-2",
    role: "server",
    duty: "close on a frame that is not masked",
    proof: /unmasked|not masked|without a mask|mask (bit )?missing/i,
  },
  {
    id: "5.1-3",
    role: "server",
    duty: "mask no frame",
    proof: /server.*(not|never|no|un).*mask|(not|never|no|un).*mask.*server/i,
  },
  {
    id: "5.1-4",
    role: "client",
    duty: "close on a frame that is masked",
    proof: /(?<!un)(?<!not )masked.*(frame|server|client)/i,
  },
  {
    id: "5.2-1",
    role: "both",
    duty: "send the reserved bits as 0, and fail on one that no extension defines",
    proof: /rsv|reserved bit/i,
  },
  {
    id: "5.2-2",
    role: "both",
    duty: "fail on an unknown opcode",
    proof: /opcode/i,
  },
  {
    id: "5.2-3",
    role: "both",
    duty: "the top bit of a 64-bit length is 0",
    proof: /(top|highest|most significant|sign) bit|\bmsb\b|2\^63|63 bits|64-bit length/i,
  },
  {
    id: "5.2-4",
    role: "both",
    duty: "encode lengths in the fewest bytes",
    proof:
      /minimal|fewest|shortest|more bytes than it needs|longer than (it )?need|overlong length/i,
  },
  {
    id: "5.3-1",
    role: "both",
    duty: "a masked frame says so in its mask bit",
    proof: /mask bit|client.*mask|mask.*client/i,
    also: ["5.1", "5.2"],
  },
  {
    id: "5.3-2",
    role: "client",
    duty: "take a fresh, unpredictable masking key for every frame",
    proof:
      /(masking )?key.*(fresh|each|every|new|differ|random|unpredict|entropy)|(fresh|new|own|different|random).*key/i,
  },
  {
    id: "5.4-1",
    role: "both",
    duty: "control frames are not fragmented",
    proof: /control.*(fragment|fin)|fragment.*control/i,
    also: ["5.5"],
  },
  {
    id: "5.4-2",
    role: "both",
    duty: "deliver fragments in the order sent",
    proof: /fragments?.*(order|assembl|join|one message|whole|arrive)|order.*fragments?/i,
  },
  {
    id: "5.4-3",
    role: "both",
    duty: "do not interleave the fragments of two messages",
    proof:
      /interleav|inside another|new message|data frame.*(inside|within|middle|during|while|before)|continuation/i,
  },
  {
    id: "5.4-4",
    role: "both",
    duty: "handle control frames in the middle of a fragmented message",
    proof:
      /(control|ping|pong|close).*(between|middle|inside|amid|within|among)|(between|amid|among).*(fragments|control)/i,
  },
  {
    id: "5.4-5",
    role: "both",
    duty: "receive fragmented and unfragmented messages",
    proof: /fragment.*(message|assembl|join)|message.*(fragment|pieces|one frame|single frame)/i,
    also: ["6.2"],
  },
  {
    id: "5.4-6",
    role: "intermediary",
    duty: "leave the fragmentation of control frames, of messages with unknown reserved bits or extensions, and of connections whose handshake it did not see",
    notOurs: "no part of this stack forwards frames of other endpoints",
  },
  {
    id: "5.4-7",
    role: "both",
    duty: "all fragments of a message have the type of the first",
    proof:
      /(fragment|continuation|message).*(type|text|binary|opcode)|(type|text|binary).*(fragment|continuation|message)/i,
    also: ["5.6", "6.2"],
  },
  {
    id: "5.5-1",
    role: "both",
    duty: "control frames carry 125 bytes or less",
    proof: /125|126|too long/i,
  },
  {
    id: "5.5-2",
    role: "both",
    duty: "control frames are not fragmented",
    proof: /fragment|without fin|\bfin\b/i,
    also: ["5.4"],
  },
  {
    id: "5.5.1-1",
    role: "both",
    duty: "a Close body begins with a two-byte code",
    proof:
      /(close|body|payload).*(one|1|single) byte|(one|1|single)[- ]byte.*(close|body|payload)/i,
  },
  {
    id: "5.5.1-2",
    role: "client",
    duty: "do not show the close reason to end users",
    notOurs: "the reason is handed to the program; what it shows is its own affair",
  },
  {
    id: "5.5.1-3",
    role: "both",
    duty: "send no data after a Close",
    proof: /after.*(close|closing)|closing.*(send|refuse)|no.*data/i,
    also: ["6.1", "7.1"],
  },
  {
    id: "5.5.1-4",
    role: "both",
    duty: "answer a Close with a Close, unless one was sent",
    proof: /echo|answer|repl(y|ies)|respon/i,
  },
  {
    id: "5.5.1-5",
    role: "both",
    duty: "after a Close in both directions, close the TCP connection, the server at once",
    proof: /(after|once|both|then).*(tcp|transport|socket|connection|end)|server.*(ends|closes)/i,
    also: ["7.1"],
  },
  {
    id: "5.5.2-1",
    role: "both",
    duty: "answer a Ping with a Pong, unless a Close was received",
    proof: /pong/i,
  },
  {
    id: "5.5.3-1",
    role: "both",
    duty: "a Pong carries the data of the Ping it answers",
    proof: /pong|same (data|payload|bytes)/i,
    also: ["5.5.2"],
  },
  {
    id: "5.6-1",
    role: "both",
    duty: "a text message as a whole is valid UTF-8",
    proof: /utf-?8|text/i,
    also: ["8.1"],
  },
  {
    id: "5.8-1",
    role: "both",
    duty: "use only extensions that were negotiated in the handshake",
    proof: /(without|not|no|un).*(extension|negotiat|compress|deflate)|rsv/i,
    also: ["5.2", "9"],
  },
  {
    id: "6.1-1",
    role: "both",
    duty: "send messages in the OPEN state only",
    proof:
      /(send|message|data).*(after|before|once|while|when|until).*(clos|open|connecting)|(after|closed|closing|connecting).*(send|sent|refus|throw|data)/i,
    also: ["5.5.1", "7.1"],
  },
  {
    id: "6.1-2",
    role: "both",
    duty: "put the data into frames, the first with the opcode of its type, the last with FIN",
    proof: /(first|last|final).*(opcode|\bfin\b|frame|fragment)|\bfin\b.*(last|final)/i,
    also: ["5.2", "5.4"],
  },
  {
    id: "6.1-3",
    role: "client",
    duty: "mask the frames of a message",
    proof: /client.*mask|mask.*client/i,
    also: ["5.1", "5.3"],
  },
  {
    id: "6.2-1",
    role: "both",
    duty: "read incoming bytes as frames, and handle control frames among them",
    proof: /frame|byte by byte|chunk|cut/i,
    also: ["5.2"],
  },
  {
    id: "6.2-2",
    role: "both",
    duty: "remember the type of a message from its first frame; the next message is a new one",
    proof: /(message|fragment|frame).*(type|text|binary|new)|(type|text|binary).*(message|frame)/i,
    also: ["5.4", "5.6"],
  },
  {
    id: "6.2-3",
    role: "server",
    duty: "remove the masking of received frames",
    proof: /unmask|mask.*(remov|payload|key)|remov.*mask/i,
    also: ["5.3"],
  },
];
