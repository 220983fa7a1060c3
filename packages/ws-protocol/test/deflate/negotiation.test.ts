import { describe, expect, it } from "vitest";
import { DeflateOfferer, DeflateResponder } from "../../src/deflate/negotiation.js";
import {
  type ClientDeflateConfig,
  canCompress,
  type DeflateParameters,
  type ServerDeflateConfig,
} from "../../src/deflate/parameters.js";
import {
  type Extension,
  formatExtensions,
  parseExtensions,
} from "../../src/handshake/extensions.js";
import { isHandshakeFault } from "../../src/handshake/handshake-faults.js";
import { DEFAULT_HANDSHAKE_LIMITS } from "../../src/handshake/handshake-limits.js";

function parse(text: string): readonly Extension[] {
  const extensions = parseExtensions([text], DEFAULT_HANDSHAKE_LIMITS);
  if (isHandshakeFault(extensions)) throw new Error(extensions.detail);
  return extensions;
}

/** A server that would leave everything to the client. */
const OPEN: ServerDeflateConfig = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
};

/** The answer to an offer, its name left out; `undefined` if it was declined. */
function answer(offer: string, config: ServerDeflateConfig = OPEN): string | undefined {
  const offers = parse(`permessage-deflate${offer}`);
  const agreement = new DeflateResponder(config).agree(offers);
  return agreement && formatExtensions([agreement.answer]).slice("permessage-deflate".length);
}

/** [serverNoContextTakeover, clientNoContextTakeover, serverMaxWindowBits, clientMaxWindowBits] */
type Quad = [boolean, boolean, number, number];

function quad(parameters: DeflateParameters): Quad {
  return [
    parameters.serverNoContextTakeover,
    parameters.clientNoContextTakeover,
    parameters.serverMaxWindowBits,
    parameters.clientMaxWindowBits,
  ];
}

function judge(text: string, config: ClientDeflateConfig = {}): Quad | string {
  const [extension] = parse(`permessage-deflate${text}`);
  const judged = new DeflateOfferer(config).judge(extension as Extension);
  return isHandshakeFault(judged) ? judged.code : quad(judged);
}

function offerOf(config: ClientDeflateConfig): string {
  return formatExtensions([new DeflateOfferer(config).offer]);
}

const INVALID_BITS = ["0", "1", "7", "16", "99", "08", "010", "8.0", "+8", "-8", "0x8", "1e1", "x"];
const FAILED = "deflate-answer-invalid";

describe("a server negotiating permessage-deflate", () => {
  it("RFC 7692 §7.1 by default neither end takes its context over", () => {
    const agreement = new DeflateResponder().agree(
      parse("permessage-deflate; client_max_window_bits"),
    );
    if (agreement === undefined) throw new Error("declined");
    expect(quad(agreement.parameters)).toEqual([true, true, 15, 15]);
    expect(formatExtensions([agreement.answer])).toBe(
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
    );
  });

  it("RFC 7692 §7.1.1 refuses context takeover when it is short of memory, whatever was offered", () => {
    const responder = new DeflateResponder({
      serverNoContextTakeover: false,
      clientNoContextTakeover: false,
    });
    const offers = parse("permessage-deflate; client_max_window_bits");
    expect(quad(responder.agree(offers)!.parameters)).toEqual([false, false, 15, 15]);
    const agreement = responder.agree(offers, false)!;
    expect(quad(agreement.parameters)).toEqual([true, true, 15, 15]);
    expect(formatExtensions([agreement.answer])).toBe(
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
    );
  });

  it.each([
    ["", ""],
    ["; server_no_context_takeover", "; server_no_context_takeover"],
    ["; client_no_context_takeover", "; client_no_context_takeover"],
    ["; server_max_window_bits=15", "; server_max_window_bits=15"],
    ["; server_max_window_bits=10", "; server_max_window_bits=10"],
    ['; server_max_window_bits="10"', "; server_max_window_bits=10"],
    ["; server_max_window_bits=9", "; server_max_window_bits=9"],
    ["; client_max_window_bits", ""],
    ["; client_max_window_bits=15", ""],
    ["; client_max_window_bits=10", "; client_max_window_bits=10"],
    ["; client_max_window_bits=8", "; client_max_window_bits=8"],
    [
      "; client_max_window_bits=11; server_max_window_bits=12; client_no_context_takeover; server_no_context_takeover",
      "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12; client_max_window_bits=11",
    ],
  ])("RFC 7692 §7.1 the offer %j is accepted with %j", (offer, expected) => {
    expect(answer(offer)).toBe(expected);
  });

  it("RFC 7692 §7.1.1.1 a server may give up its context unasked", () => {
    expect(answer("", { ...OPEN, serverNoContextTakeover: true })).toBe(
      "; server_no_context_takeover",
    );
  });

  it("RFC 7692 §7.1.1.2 a server may demand that the client gives up its context, unasked", () => {
    expect(answer("", { ...OPEN, clientNoContextTakeover: true })).toBe(
      "; client_no_context_takeover",
    );
  });

  it("RFC 7692 §7.1.2.1 a server's window is the smaller of its own and the offered one", () => {
    const config = { ...OPEN, serverMaxWindowBits: 11 };
    expect(answer("", config)).toBe("; server_max_window_bits=11");
    expect(answer("; server_max_window_bits=12", config)).toBe("; server_max_window_bits=11");
    expect(answer("; server_max_window_bits=10", config)).toBe("; server_max_window_bits=10");
  });

  it("RFC 7692 §7.1.2.2 a client's window is limited only if the client offers it", () => {
    const config = { ...OPEN, clientMaxWindowBits: 11 };
    expect(answer("; client_max_window_bits", config)).toBe("; client_max_window_bits=11");
    expect(answer("; client_max_window_bits=12", config)).toBe("; client_max_window_bits=11");
    expect(answer("; client_max_window_bits=10", config)).toBe("; client_max_window_bits=10");
    expect(answer("", config)).toBeUndefined();
  });

  it("RFC 7692 §7.1.2.1 a window that the compressor cannot do is declined", () => {
    expect(answer("; server_max_window_bits=8")).toBeUndefined();
    const config = { ...OPEN, compressorWindowBitsMin: 8 };
    expect(answer("; server_max_window_bits=8", config)).toBe("; server_max_window_bits=8");
  });

  it.each(INVALID_BITS)(
    "RFC 7692 §7.1.2 an offer with window bits %s is declined, not failed",
    (bits) => {
      expect(answer(`; server_max_window_bits=${bits}`)).toBeUndefined();
      expect(answer(`; client_max_window_bits=${bits}`)).toBeUndefined();
      expect(answer(`; server_max_window_bits="${bits}"`)).toBeUndefined();
    },
  );

  it.each([
    "; server_max_window_bits",
    "; server_no_context_takeover=1",
    '; server_no_context_takeover="true"',
    "; client_no_context_takeover=0",
    "; unknown",
    "; unknown=1",
    "; Server_No_Context_Takeover",
    "; __proto__",
    "; constructor=8",
    "; server_no_context_takeover; server_no_context_takeover",
    "; client_no_context_takeover; client_no_context_takeover",
    "; server_max_window_bits=10; server_max_window_bits=10",
    "; client_max_window_bits; client_max_window_bits",
    "; client_max_window_bits=10; client_max_window_bits",
  ])("RFC 7692 §7.1 the invalid offer %j is declined, not failed", (offer) => {
    expect(answer(offer)).toBeUndefined();
  });

  it("RFC 7692 §5.1 the first acceptable of several offers is accepted, whatever stands between", () => {
    const offers =
      "; unknown, x-other; server_max_window_bits=9, permessage-deflate; server_max_window_bits=8, " +
      "permessage-deflate; server_max_window_bits=10, permessage-deflate";
    expect(answer(offers)).toBe("; server_max_window_bits=10");
  });

  it("RFC 7692 §5.1 without an offer of permessage-deflate there is no answer", () => {
    const responder = new DeflateResponder();
    expect(responder.agree([])).toBeUndefined();
    expect(responder.agree(parse("x-webkit-deflate-frame, Permessage-Deflate"))).toBeUndefined();
  });

  it.each([
    [
      { serverMaxWindowBits: 8 },
      "serverMaxWindowBits must be an integer from 9 to 15 (the compressor can do no less), not 8",
    ],
    [{ serverMaxWindowBits: 16 }, "serverMaxWindowBits must be an integer from 9 to 15"],
    [{ clientMaxWindowBits: 7 }, "clientMaxWindowBits must be an integer from 8 to 15, not 7"],
    [{ clientMaxWindowBits: 16 }, "clientMaxWindowBits must be an integer from 8 to 15, not 16"],
    [{ clientMaxWindowBits: 10.5 }, "clientMaxWindowBits must be"],
    [{ clientMaxWindowBits: Number.NaN }, "clientMaxWindowBits must be"],
    [{ compressorWindowBitsMin: 7 }, "compressorWindowBitsMin must be an integer from 8 to 15"],
    [{ compressorWindowBitsMin: 16 }, "compressorWindowBitsMin must be"],
  ] satisfies [ServerDeflateConfig, string][])(
    "the configuration %j is a RangeError",
    (config, message) => {
      expect(() => new DeflateResponder(config)).toThrow(RangeError);
      expect(() => new DeflateResponder(config)).toThrow(message);
    },
  );

  it("the smallest and largest windows are allowed in a configuration", () => {
    for (const bits of [9, 15])
      expect(() => new DeflateResponder({ serverMaxWindowBits: bits })).not.toThrow();
    for (const bits of [8, 15])
      expect(() => new DeflateResponder({ clientMaxWindowBits: bits })).not.toThrow();
    const config = { compressorWindowBitsMin: 8, serverMaxWindowBits: 8 };
    expect(() => new DeflateResponder(config)).not.toThrow();
  });
});

describe("a client negotiating permessage-deflate", () => {
  it.each([
    [{}, "permessage-deflate; client_max_window_bits"],
    [{ clientMaxWindowBits: false }, "permessage-deflate"],
    [{ clientMaxWindowBits: 10 }, "permessage-deflate; client_max_window_bits=10"],
    [
      { serverMaxWindowBits: 8, clientMaxWindowBits: false },
      "permessage-deflate; server_max_window_bits=8",
    ],
    [
      { serverNoContextTakeover: true, clientNoContextTakeover: true },
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover; client_max_window_bits",
    ],
  ] satisfies [ClientDeflateConfig, string][])(
    "RFC 7692 §7.1 the configuration %j offers %j",
    (config, offer) => {
      expect(offerOf(config)).toBe(offer);
    },
  );

  it.each<[string, Quad]>([
    ["", [false, false, 15, 15]],
    ["; server_no_context_takeover", [true, false, 15, 15]],
    ["; client_no_context_takeover", [false, true, 15, 15]],
    ["; server_max_window_bits=8", [false, false, 8, 15]],
    ["; client_max_window_bits=12", [false, false, 15, 12]],
    ['; client_max_window_bits="12"', [false, false, 15, 12]],
    [
      "; client_max_window_bits=9; server_max_window_bits=10; client_no_context_takeover; server_no_context_takeover",
      [true, true, 10, 9],
    ],
  ])(
    "RFC 7692 §7.1 the answer %j is accepted, also where nothing was demanded",
    (text, expected) => {
      expect(judge(text)).toEqual(expected);
    },
  );

  it.each(INVALID_BITS)("RFC 7692 §7.1.2 an answer with window bits %s fails", (bits) => {
    expect(judge(`; server_max_window_bits=${bits}`)).toBe(FAILED);
    expect(judge(`; client_max_window_bits=${bits}`)).toBe(FAILED);
    expect(judge(`; client_max_window_bits="${bits}"`)).toBe(FAILED);
  });

  it.each([
    "; server_max_window_bits",
    "; client_max_window_bits",
    "; server_no_context_takeover=1",
    "; client_no_context_takeover=1",
    "; unknown",
    "; __proto__=8",
    "; CLIENT_MAX_WINDOW_BITS=9",
    "; server_no_context_takeover; server_no_context_takeover",
    "; client_no_context_takeover; client_no_context_takeover",
    "; server_max_window_bits=10; server_max_window_bits=10",
    "; client_max_window_bits=10; client_max_window_bits=10",
  ])("RFC 7692 §7.1 the invalid answer %j fails", (text) => {
    expect(judge(text)).toBe(FAILED);
  });

  it("RFC 7692 §7.1.1.1 server_no_context_takeover, once demanded, must be in the answer", () => {
    const config = { serverNoContextTakeover: true };
    expect(judge("", config)).toBe(FAILED);
    expect(judge("; server_no_context_takeover", config)).toEqual([true, false, 15, 15]);
  });

  it("RFC 7692 §7.1.1.2 client_no_context_takeover, once offered, is kept without an answer", () => {
    expect(judge("", { clientNoContextTakeover: true })).toEqual([false, true, 15, 15]);
  });

  it("RFC 7692 §7.1.2.1 server_max_window_bits, once demanded, must be answered with no more", () => {
    const config = { serverMaxWindowBits: 10 };
    expect(judge("", config)).toBe(FAILED);
    expect(judge("; server_max_window_bits=11", config)).toBe(FAILED);
    expect(judge("; server_max_window_bits=10", config)).toEqual([false, false, 10, 15]);
    expect(judge("; server_max_window_bits=9", config)).toEqual([false, false, 9, 15]);
  });

  it("RFC 7692 §7.1.2.2 client_max_window_bits is answered only if offered, with no more", () => {
    expect(judge("; client_max_window_bits=10", { clientMaxWindowBits: false })).toBe(FAILED);
    expect(judge("", { clientMaxWindowBits: false })).toEqual([false, false, 15, 15]);
    const config = { clientMaxWindowBits: 10 };
    expect(judge("", config)).toEqual([false, false, 15, 10]);
    expect(judge("; client_max_window_bits=10", config)).toEqual([false, false, 15, 10]);
    expect(judge("; client_max_window_bits=9", config)).toEqual([false, false, 15, 9]);
    expect(judge("; client_max_window_bits=11", config)).toBe(FAILED);
  });

  it("RFC 7692 §7.1.2.2 a client told to use a window it cannot do accepts, and must not compress", () => {
    const [extension] = parse("permessage-deflate; client_max_window_bits=8");
    const parameters = new DeflateOfferer().judge(extension as Extension);
    if (isHandshakeFault(parameters)) throw new Error(parameters.detail);
    expect(canCompress("client", parameters)).toBe(false);
    expect(canCompress("client", parameters, 8)).toBe(true);
    expect(canCompress("server", parameters)).toBe(true);
    expect(canCompress("server", { ...parameters, serverMaxWindowBits: 8 })).toBe(false);
  });

  it("a fault names the parameter and says what is wrong with it", () => {
    const [extension] = parse("permessage-deflate; server_max_window_bits=16");
    expect(new DeflateOfferer().judge(extension as Extension)).toMatchObject({
      detail:
        "The server's answer about permessage-deflate is not valid: server_max_window_bits is not 8 to 15.",
    });
  });

  it.each([
    [{ serverMaxWindowBits: 7 }],
    [{ serverMaxWindowBits: 16 }],
    [{ clientMaxWindowBits: 8 }],
    [{ clientMaxWindowBits: 16 }],
    [{ clientMaxWindowBits: 9.5 }],
    [{ compressorWindowBitsMin: 7 }],
  ] satisfies [ClientDeflateConfig][])("the configuration %j is a RangeError", (config) => {
    expect(() => new DeflateOfferer(config)).toThrow(RangeError);
  });
});

describe("both roles of permessage-deflate", () => {
  it("RFC 7692 §7.1 every client agrees with every server, or the server declines", () => {
    const flags = [false, true];
    let agreed = 0;
    for (const serverNoContextTakeover of flags)
      for (const clientNoContextTakeover of flags)
        for (const serverBits of [8, 9, 12, 15])
          for (const clientBits of [false, 9, 12, 15] as const)
            for (const server of listServers()) {
              const offerer = new DeflateOfferer({
                serverNoContextTakeover,
                clientNoContextTakeover,
                serverMaxWindowBits: serverBits,
                clientMaxWindowBits: clientBits,
              });
              const onTheWire = parse(formatExtensions([offerer.offer]));
              const agreement = server.agree(onTheWire);
              if (agreement === undefined) continue;
              const [received] = parse(formatExtensions([agreement.answer]));
              const judged = offerer.judge(received as Extension);
              expect(judged).toEqual(agreement.parameters);
              agreed++;
            }
    expect(agreed).toBeGreaterThan(500);
  });

  function listServers(): DeflateResponder[] {
    const servers: DeflateResponder[] = [];
    for (const serverNoContextTakeover of [false, true])
      for (const clientNoContextTakeover of [false, true])
        for (const serverMaxWindowBits of [9, 12, 15])
          for (const clientMaxWindowBits of [8, 12, 15])
            servers.push(
              new DeflateResponder({
                serverNoContextTakeover,
                clientNoContextTakeover,
                serverMaxWindowBits,
                clientMaxWindowBits,
              }),
            );
    return servers;
  }
});
