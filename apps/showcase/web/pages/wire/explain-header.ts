// What each header line of an opening handshake is for.

/** By lower-case name. */
const meanings: ReadonlyMap<string, string> = new Map([
  ["host", "The server that is meant, with its port. One address may serve many (RFC 9110 §7.2)."],
  [
    "connection",
    "This hop is to be upgraded. Proxies that do not know that drop it here (§4.2.1).",
  ],
  ["upgrade", "To this protocol: from here on the connection is no HTTP any more (§4.1)."],
  [
    "sec-websocket-key",
    "16 random bytes in base64. Only a server that knows WebSockets answers them rightly (§11.3.1).",
  ],
  ["sec-websocket-version", "13 is the one of RFC 6455, and the only one in use (§11.3.5)."],
  [
    "sec-websocket-protocol",
    "In the request the subprotocols that the page offers, the dearest first; in the response the one that was chosen (§11.3.4).",
  ],
  [
    "sec-websocket-extensions",
    "In the request what the browser offers, in the response what the server has accepted. Without it in the response there is none (§9.1).",
  ],
  [
    "sec-websocket-accept",
    "The proof that the server has read this very key: computed below (§4.2.2).",
  ],
  [
    "origin",
    "The page's origin. Browsers do not let pages lie here, so the server can refuse strangers (§10.2).",
  ],
  ["user-agent", "Which browser it says it is."],
  [
    "accept-encoding",
    "Compressions of an ordinary response. There is none to compress here; browsers send it with every request.",
  ],
  ["accept-language", "The languages that the person reads. Not used here."],
  ["accept", "Media types of an ordinary response. Not used here."],
  ["accept-charset", "Charsets of an ordinary response. Not used here; nobody sends it any more."],
  ["cache-control", "No cache shall answer this request in the server's place."],
  ["pragma", "The same for caches of the nineties (RFC 9111 §5.4)."],
  ["cookie", "What this origin has stored in the browser. Masked here."],
  ["set-cookie", "The server stores something in the browser. Masked here."],
  [
    "authorization",
    "Who the client is, for HTTP. Masked here; pages cannot set it on a WebSocket.",
  ],
  ["referer", "The page that the request comes from."],
  ["dnt", "“Do not track”: a wish."],
  ["sec-gpc", "Global Privacy Control: do not sell or share what you learn."],
  [
    "sec-fetch-site",
    "How page and server are related: same-origin, same-site or cross-site. Pages cannot forge it.",
  ],
  ["sec-fetch-mode", "What kind of request this is: websocket."],
  ["sec-fetch-dest", "What the response is for: websocket, or empty."],
  ["sec-fetch-user", "Whether a person's act led to it."],
  ["sec-fetch-storage-access", "Whether cookies of a third party would be available."],
  ["sec-ch-ua", "Browser brands, the structured heir of User-Agent."],
  ["sec-ch-ua-mobile", "Whether it is a phone."],
  ["sec-ch-ua-platform", "The operating system."],
  ["sec-purpose", "Why it is asked before it is needed, such as prefetch."],
  ["priority", "How urgent the response is (RFC 9218)."],
  ["via", "Proxies on the way, each adds itself (RFC 9110 §7.6.3)."],
  ["forwarded", "What a proxy in front knows of the client (RFC 7239)."],
  [
    "x-forwarded-for",
    "The client's address, as proxies in front tell. Believed only of proxies that are trusted.",
  ],
  ["x-forwarded-proto", "Whether the client came by TLS, as a proxy tells."],
  ["x-forwarded-host", "The host that was asked for, as a proxy tells."],
  ["x-real-ip", "The client's address, as one proxy tells."],
  ["x-request-id", "A name for this request, to find it in logs."],
  ["traceparent", "The place of this request in a distributed trace (W3C Trace Context)."],
  ["content-length", "A WebSocket request has no body."],
  ["date", "When the server answered, by its clock."],
  ["server", "Which software the server says it is."],
]);

/** Undefined when it is not known here. */
export function explainHeader(name: string): string | undefined {
  return meanings.get(name.toLowerCase());
}

export interface HeadLine {
  readonly name: string;
  readonly value: string;
}

/** A request or response by its lines. */
export function readHead(head: string): { readonly first: string; readonly lines: HeadLine[] } {
  const [first = "", ...rest] = head.split("\r\n");
  const lines = rest
    .filter((line) => line !== "")
    .map((line) => {
      const colon = line.indexOf(":");
      return { name: line.slice(0, colon), value: line.slice(colon + 1).trim() };
    });
  return { first, lines };
}

export function headerOf(head: string, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return readHead(head).lines.find((line) => line.name.toLowerCase() === wanted)?.value;
}
