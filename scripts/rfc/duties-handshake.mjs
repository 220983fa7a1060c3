// @ts-check
// What RFC 6455 §4 makes a MUST, in our own words, and how its test is recognized.
//
// A duty is proven by a test whose title cites its section (or one above or below it, or one of
// `also`) and matches `proof`. A duty that cannot fall to this stack says in `notOurs` why.

/**
 * @typedef {object} Duty
 * @property {string} id section and number, e.g. `5.4-2`; never reused
 * @property {"client" | "server" | "both" | "intermediary"} role whose duty it is
 * @property {string} duty
 * @property {RegExp} [proof]
 * @property {string[]} [also] other sections whose tests may prove it; `7692:7.1` is RFC 7692 §7.1
 * @property {string} [notOurs]
 */

/** @type {Duty[]} */
export const handshakeDuties = [
  {
    id: "4.1-1",
    role: "client",
    duty: "refuse a URL that is not a valid ws or wss URL",
    proof: /\burl\b/i,
  },
  {
    id: "4.1-2",
    role: "client",
    duty: "at most one connection per address in the CONNECTING state",
    notOurs:
      "meant for browsers, where pages share one client; a program that opens many connections on Node decides itself, as with every other Node client",
  },
  {
    id: "4.1-3",
    role: "client",
    duty: "build proxy autoconfiguration URLs from host, port, resource and secure flag",
    notOurs: "there is no proxy autoconfiguration; a proxy comes in as an agent",
  },
  {
    id: "4.1-4",
    role: "client",
    duty: "fail when the connection cannot be opened",
    proof:
      /cannot be (opened|reached)|nobody listens|unreachable|connection (is |was )?refused|refused connection/i,
  },
  {
    id: "4.1-5",
    role: "client",
    duty: "for wss, shake hands over TLS first, and fail when that fails, as with an untrusted certificate",
    proof: /certificate|self-signed|tls/i,
  },
  {
    id: "4.1-6",
    role: "client",
    duty: "name the server in the TLS handshake (SNI)",
    proof: /\bsni\b|server ?name/i,
  },
  {
    id: "4.1-7",
    role: "client",
    duty: "send a valid HTTP/1.1 GET request for the resource name",
    proof: /request is a GET|request line/i,
  },
  {
    id: "4.1-8",
    role: "client",
    duty: "send Host, with the port unless it is the default one",
    proof: /\bHost\b.*\b(port|GET|ends)\b|GET.*\bHost\b/i,
  },
  {
    id: "4.1-9",
    role: "client",
    duty: "send Upgrade with websocket and Connection with Upgrade",
    proof: /request.*Upgrade.*Connection/i,
  },
  {
    id: "4.1-10",
    role: "client",
    duty: "send a key of 16 random bytes in base64, another one for each connection",
    proof:
      /\bkey\b.*(random|16 bytes|fresh|each|every|own|new)|(random|fresh|new|own|16 bytes).*\bkey\b/i,
  },
  {
    id: "4.1-11",
    role: "client",
    duty: "send Origin when the client is a browser",
    notOurs: "in a browser the browser's own WebSocket sends it; on Node it is an optional header",
  },
  {
    id: "4.1-12",
    role: "client",
    duty: "send version 13",
    proof: /request.*version 13/i,
  },
  {
    id: "4.1-13",
    role: "client",
    duty: "offer only subprotocols that are tokens, each once",
    proof: /client.*offer.*subprotocol.*(token|twice)/i,
  },
  {
    id: "4.1-14",
    role: "client",
    duty: "send nothing after the request until the response came",
    proof: /nothing.*(until|before)|(until|before).*(response|101|open)|connecting/i,
  },
  {
    id: "4.1-15",
    role: "client",
    duty: "fail when the response has no Upgrade, or one that does not say websocket in any case",
    proof: /response.*Upgrade.*fails/i,
  },
  {
    id: "4.1-16",
    role: "client",
    duty: "fail when the response has no Connection, or none with the token Upgrade in any case",
    proof: /response.*Connection.*without.*fails/i,
  },
  {
    id: "4.1-17",
    role: "client",
    duty: "fail when Sec-WebSocket-Accept is missing or not the hash of the key",
    proof: /Sec-WebSocket-Accept.*not accepted/i,
  },
  {
    id: "4.1-18",
    role: "client",
    duty: "fail when the response names an extension that was not offered",
    proof: /extension.*not offered.*fails/i,
  },
  {
    id: "4.1-19",
    role: "client",
    duty: "fail when the response names a subprotocol that was not offered",
    proof: /subprotocol.*not offered.*fails/i,
  },
  {
    id: "4.1-20",
    role: "client",
    duty: "fail when the response breaks the rules of the server's handshake in any other way",
    proof: /response.*(malformed|invalid).*fails/i,
  },
  {
    id: "4.2.1-1",
    role: "server",
    duty: "answer a request that is not as described, or breaks the grammar, with an error such as 400",
    proof: /(grammar|request with).*\b400\b/i,
  },
  {
    id: "4.2.1-2",
    role: "server",
    duty: "take only GET",
    proof: /method.*\b405\b/i,
  },
  {
    id: "4.2.1-3",
    role: "server",
    duty: "require Host",
    proof: /\bHost\b.*missing.*\b400\b/i,
  },
  {
    id: "4.2.1-4",
    role: "server",
    duty: "require Upgrade with websocket, in any case",
    proof: /Upgrade: .*refused with/i,
  },
  {
    id: "4.2.1-5",
    role: "server",
    duty: "require Connection with the token Upgrade, in any case",
    proof: /Connection: .*refused with/i,
  },
  {
    id: "4.2.1-6",
    role: "server",
    duty: "require a key that decodes to 16 bytes",
    proof: /\bkey\b.*\b(15|17|20) bytes/i,
  },
  {
    id: "4.2.1-7",
    role: "server",
    duty: "ignore unknown header fields, and the order of fields",
    proof: /unknown headers.*order of headers/i,
  },
  {
    id: "4.2.1-8",
    role: "server",
    duty: "take HTTP/1.1 or later only",
    proof: /HTTP\/1\.0.*refused/i,
  },
  {
    id: "4.2.2-1",
    role: "server",
    duty: "on a TLS port, speak through the tunnel only, the handshake included",
    proof: /\btls\b|\bwss\b|https/i,
  },
  {
    id: "4.2.2-2",
    role: "server",
    duty: "refuse an unwanted origin with an HTTP error such as 403",
    proof: /origin.*\b403\b/i,
  },
  {
    id: "4.2.2-3",
    role: "server",
    duty: "refuse another version with an error such as 426 and the versions it speaks",
    proof: /version.*\b426\b|\b426\b.*version/i,
  },
  {
    id: "4.2.2-4",
    role: "server",
    duty: "refuse an unknown resource with an error such as 404",
    proof: /\b404\b/,
  },
  {
    id: "4.2.2-5",
    role: "server",
    duty: "choose one of the offered subprotocols or none",
    proof: /subprotocols?.*server.*(chooses|speaks|decides)|server.*(chooses|speaks).*subprotocol/i,
  },
  {
    id: "4.2.2-6",
    role: "server",
    duty: "list only extensions that the client listed",
    proof: /extension.*not offered.*cannot be listed/i,
  },
  {
    id: "4.2.2-7",
    role: "server",
    duty: "accept with a valid 101 response: Upgrade, Connection and the accept value",
    proof: /\b101\b.*Upgrade.*Connection.*accept value/i,
  },
  {
    id: "4.2.2-8",
    role: "server",
    duty: "send no Sec-WebSocket-Protocol when no subprotocol was agreed",
    proof: /no subprotocol/i,
  },
  {
    id: "4.3-1",
    role: "both",
    duty: "a quoted extension parameter is a token once it is unquoted",
    proof: /not a token once unquoted/i,
  },
  {
    id: "4.4-1",
    role: "server",
    duty: "answer an unsupported version with every version it is willing to use",
    proof: /version.*\b426\b.*version/i,
  },
];
