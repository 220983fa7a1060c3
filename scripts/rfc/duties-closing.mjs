// @ts-check
// What RFC 6455 §7 to §9 make a MUST, in our own words, and how its test is recognized.

/** @type {import("./duties-handshake.mjs").Duty[]} */
export const closingDuties = [
  {
    id: "7.1.2-1",
    role: "both",
    duty: "start the closing handshake with a Close that carries the given code and reason",
    proof: /(code|reason).*(close|frame|sent|carr)|(close|start).*(code|reason)/i,
    also: ["5.5.1"],
  },
  {
    id: "7.1.7-1",
    role: "both",
    duty: "to fail a connection is to close it, after a Close with a fitting code once it was open",
    proof: /\bfail/i,
  },
  {
    id: "7.1.7-2",
    role: "both",
    duty: "process nothing more that the peer sends after the connection was failed",
    proof: /after|ignore|nothing (more|else)|no (more|further)|discard|drop/i,
  },
  {
    id: "7.2.1-1",
    role: "client",
    duty: "fail the connection when the transport is lost",
    proof:
      /lost|1006|abnormal|reset|without a close|end of (the )?(stream|transport)|transport ends/i,
    also: ["7.1.5"],
  },
  {
    id: "7.2.2-1",
    role: "server",
    duty: "abort during the handshake by closing the connection",
    proof: /(refus|abort|reject).*(clos|end|destroy)|(clos|end|destroy).*(refus|abort|reject)/i,
    also: ["4.2.2"],
  },
  {
    id: "7.4.1-1",
    role: "both",
    duty: "never put 1005, 1006 or 1015 into a Close",
    proof: /1005|1006|1015|reserved code|must not be sent/i,
    also: ["5.5.1"],
  },
  {
    id: "7.4.2-1",
    role: "both",
    duty: "codes below 1000 are not used",
    proof: /\b999\b|\b0\b|below 1000|0[-–]999|range|every code|codes? (that )?(may|must) not/i,
    also: ["5.5.1", "7.4"],
  },
  {
    id: "8.1-1",
    role: "both",
    duty: "fail on bytes that should be UTF-8 and are not",
    proof: /utf-?8/i,
    also: ["5.6", "5.5.1"],
  },
  {
    id: "9-1",
    role: "server",
    duty: "answer with no extension that the client did not ask for",
    proof: /extension.*not offered/i,
    also: ["4.2.2"],
  },
  {
    id: "9-2",
    role: "both",
    duty: "choose extension parameters as the extension defines them",
    proof: /param|window_bits/i,
    also: ["7692:7.1"],
  },
  {
    id: "9.1-1",
    role: "both",
    duty: "fail at once on an extension header that breaks the grammar",
    proof: /breaks the grammar/i,
  },
  {
    id: "9.1-2",
    role: "both",
    duty: "read a header in several lines as one list",
    proof: /several.*lines/i,
  },
  {
    id: "9.1-3",
    role: "both",
    duty: "use registered extension names with the parameters that they define",
    proof: /permessage-deflate|param/i,
    also: ["7692:7"],
  },
  {
    id: "9.1-4",
    role: "client",
    duty: "use an offered extension only when the server took it",
    proof: /extension.*(in use|declin|not (taken|accepted|answered))|without.*extension/i,
    also: ["4.1", "7692:7"],
  },
];
