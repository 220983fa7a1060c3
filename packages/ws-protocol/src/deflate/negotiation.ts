/**
 * Negotiation of permessage-deflate (RFC 7692 §5 and §7.1), both roles. A server declines an offer
 * it cannot take and looks at the next; a client fails the handshake over an answer that does not
 * fit its offer.
 */
import type { Extension, ExtensionParameter } from "../handshake/extensions.js";
import { createHandshakeFault, type HandshakeFault } from "../handshake/handshake-faults.js";
import {
  type ClientDeflateConfig,
  type DeflateParameters,
  resolveClientDeflate,
  resolveServerDeflate,
  type ServerDeflateConfig,
  WINDOW_BITS_MAX,
} from "./parameters.js";

/** RFC 7692 §7: the extension's registered name. */
export const PERMESSAGE_DEFLATE = "permessage-deflate";

const SERVER_NO_CONTEXT_TAKEOVER = "server_no_context_takeover";
const CLIENT_NO_CONTEXT_TAKEOVER = "client_no_context_takeover";
const SERVER_MAX_WINDOW_BITS = "server_max_window_bits";
const CLIENT_MAX_WINDOW_BITS = "client_max_window_bits";

/** What a server agreed to, and the extension to answer with. */
export interface DeflateAgreement {
  readonly parameters: DeflateParameters;
  readonly answer: Extension;
}

/** The parameters as they stand in one offer or answer. */
interface SaidParameters {
  serverNoContextTakeover: boolean;
  clientNoContextTakeover: boolean;
  serverMaxWindowBits: number | undefined;
  /** `true`: without a value, which says "you may limit it" and is for offers only. */
  clientMaxWindowBits: number | true | undefined;
}

/** A server's side, prepared once for all its connections. */
export class DeflateResponder {
  readonly #config: Required<ServerDeflateConfig>;

  /** @throws {RangeError} when the configuration has a window outside of its range. */
  constructor(config: ServerDeflateConfig = {}) {
    this.#config = resolveServerDeflate(config);
  }

  /**
   * Agrees to the first acceptable offer of permessage-deflate (RFC 7692 §5.1: the client lists its
   * fallbacks in order of preference); `undefined` declines them all, and the connection goes on
   * without compression.
   *
   * @param contextTakeover false: refuse it in both directions, as a server may whatever was offered
   *   (RFC 7692 §7.1.1), because there is no memory for it just now. Default true.
   */
  agree(offers: readonly Extension[], contextTakeover = true): DeflateAgreement | undefined {
    for (const offer of offers) {
      if (offer.name !== PERMESSAGE_DEFLATE) continue;
      const agreement = this.#judge(offer, !contextTakeover);
      if (agreement !== undefined) return agreement;
    }
    return undefined;
  }

  #judge(offer: Extension, forgetful: boolean): DeflateAgreement | undefined {
    const said = readParameters(offer.parameters);
    if (typeof said === "string") return undefined; // RFC 7692 §7.1: declined, not failed
    const config = this.#config;
    const serverMaxWindowBits = Math.min(
      config.serverMaxWindowBits,
      said.serverMaxWindowBits ?? WINDOW_BITS_MAX,
    );
    if (serverMaxWindowBits < config.compressorWindowBitsMin) return undefined;
    // RFC 7692 §7.1.2.2: a client that did not name the parameter cannot be limited.
    const limitable = said.clientMaxWindowBits !== undefined;
    if (!limitable && config.clientMaxWindowBits < WINDOW_BITS_MAX) return undefined;
    const offeredClientBits =
      typeof said.clientMaxWindowBits === "number" ? said.clientMaxWindowBits : WINDOW_BITS_MAX;
    const parameters: DeflateParameters = {
      serverNoContextTakeover:
        forgetful || config.serverNoContextTakeover || said.serverNoContextTakeover,
      clientNoContextTakeover:
        forgetful || config.clientNoContextTakeover || said.clientNoContextTakeover,
      serverMaxWindowBits,
      clientMaxWindowBits: Math.min(config.clientMaxWindowBits, offeredClientBits),
    };
    return { parameters, answer: createAnswer(parameters, said.serverMaxWindowBits !== undefined) };
  }
}

/** A client's side, prepared once for all its connections. */
export class DeflateOfferer {
  readonly #config: Required<ClientDeflateConfig>;
  /** What to put into `Sec-WebSocket-Extensions`. */
  readonly offer: Extension;

  /** @throws {RangeError} when the configuration has a window outside of its range. */
  constructor(config: ClientDeflateConfig = {}) {
    this.#config = resolveClientDeflate(config);
    this.offer = createOffer(this.#config);
  }

  /** Judges the server's answer; a fault means: fail the handshake (RFC 7692 §7.1). */
  judge(answer: Extension): DeflateParameters | HandshakeFault {
    const said = readParameters(answer.parameters);
    if (typeof said === "string") return mismatch(said);
    const config = this.#config;
    // RFC 7692 §7.1.1.1 and §7.1.2.1: what the client demands of the server must be confirmed.
    if (config.serverNoContextTakeover && !said.serverNoContextTakeover) {
      return mismatch(`${SERVER_NO_CONTEXT_TAKEOVER}, which was demanded, is missing`);
    }
    if (config.serverMaxWindowBits < WINDOW_BITS_MAX) {
      if (said.serverMaxWindowBits === undefined) {
        return mismatch(`${SERVER_MAX_WINDOW_BITS}, which was demanded, is missing`);
      }
      if (said.serverMaxWindowBits > config.serverMaxWindowBits) {
        return mismatch(
          `${SERVER_MAX_WINDOW_BITS} is over the ${config.serverMaxWindowBits} offered`,
        );
      }
    }
    const clientMaxWindowBits = this.#judgeClientBits(said.clientMaxWindowBits);
    if (typeof clientMaxWindowBits === "string") return mismatch(clientMaxWindowBits);
    return {
      serverNoContextTakeover: said.serverNoContextTakeover,
      // RFC 7692 §7.1.1.2: offering it is a promise; the server may also demand it unasked.
      clientNoContextTakeover: config.clientNoContextTakeover || said.clientNoContextTakeover,
      serverMaxWindowBits: said.serverMaxWindowBits ?? WINDOW_BITS_MAX,
      clientMaxWindowBits,
    };
  }

  /** RFC 7692 §7.1.2.2: only what was offered, with a value, and not above the hint. */
  #judgeClientBits(said: number | true | undefined): number | string {
    const offered = this.#config.clientMaxWindowBits;
    if (said === undefined) return offered === false ? WINDOW_BITS_MAX : offered;
    if (offered === false) return `${CLIENT_MAX_WINDOW_BITS} was not offered`;
    if (said === true) return `${CLIENT_MAX_WINDOW_BITS} has no value`;
    return said > offered ? `${CLIENT_MAX_WINDOW_BITS} is over the ${offered} offered` : said;
  }
}

function createAnswer(agreed: DeflateParameters, serverBitsOffered: boolean): Extension {
  const parameters: ExtensionParameter[] = [];
  if (agreed.serverNoContextTakeover) parameters.push(flag(SERVER_NO_CONTEXT_TAKEOVER));
  if (agreed.clientNoContextTakeover) parameters.push(flag(CLIENT_NO_CONTEXT_TAKEOVER));
  if (serverBitsOffered || agreed.serverMaxWindowBits < WINDOW_BITS_MAX) {
    parameters.push(bits(SERVER_MAX_WINDOW_BITS, agreed.serverMaxWindowBits));
  }
  if (agreed.clientMaxWindowBits < WINDOW_BITS_MAX) {
    parameters.push(bits(CLIENT_MAX_WINDOW_BITS, agreed.clientMaxWindowBits));
  }
  return { name: PERMESSAGE_DEFLATE, parameters };
}

function createOffer(config: Required<ClientDeflateConfig>): Extension {
  const parameters: ExtensionParameter[] = [];
  if (config.serverNoContextTakeover) parameters.push(flag(SERVER_NO_CONTEXT_TAKEOVER));
  if (config.clientNoContextTakeover) parameters.push(flag(CLIENT_NO_CONTEXT_TAKEOVER));
  if (config.serverMaxWindowBits < WINDOW_BITS_MAX) {
    parameters.push(bits(SERVER_MAX_WINDOW_BITS, config.serverMaxWindowBits));
  }
  if (config.clientMaxWindowBits === WINDOW_BITS_MAX) parameters.push(flag(CLIENT_MAX_WINDOW_BITS));
  else if (config.clientMaxWindowBits !== false) {
    parameters.push(bits(CLIENT_MAX_WINDOW_BITS, config.clientMaxWindowBits));
  }
  return { name: PERMESSAGE_DEFLATE, parameters };
}

/** Reads what stands in an offer or an answer; a string says what is wrong with it. */
function readParameters(parameters: readonly ExtensionParameter[]): SaidParameters | string {
  const said: SaidParameters = {
    serverNoContextTakeover: false,
    clientNoContextTakeover: false,
    serverMaxWindowBits: undefined,
    clientMaxWindowBits: undefined,
  };
  for (const { name, value } of parameters) {
    const fault = readParameter(said, name, value);
    if (fault !== undefined) return fault;
  }
  return said;
}

function readParameter(
  said: SaidParameters,
  name: string,
  value: string | undefined,
): string | undefined {
  switch (name) {
    case SERVER_NO_CONTEXT_TAKEOVER:
      if (said.serverNoContextTakeover) return `${name} comes twice`;
      said.serverNoContextTakeover = true;
      return value === undefined ? undefined : `${name} has a value`;
    case CLIENT_NO_CONTEXT_TAKEOVER:
      if (said.clientNoContextTakeover) return `${name} comes twice`;
      said.clientNoContextTakeover = true;
      return value === undefined ? undefined : `${name} has a value`;
    case SERVER_MAX_WINDOW_BITS:
      if (said.serverMaxWindowBits !== undefined) return `${name} comes twice`;
      said.serverMaxWindowBits = readWindowBits(value);
      return said.serverMaxWindowBits === undefined ? `${name} is not 8 to 15` : undefined;
    case CLIENT_MAX_WINDOW_BITS:
      if (said.clientMaxWindowBits !== undefined) return `${name} comes twice`;
      said.clientMaxWindowBits = value === undefined ? true : readWindowBits(value);
      return said.clientMaxWindowBits === undefined ? `${name} is not 8 to 15` : undefined;
    default:
      return "it has an unknown parameter";
  }
}

/** RFC 7692 §7.1.2: a decimal integer from 8 to 15 without leading zeros. */
function readWindowBits(value: string | undefined): number | undefined {
  switch (value) {
    case "8":
    case "9":
    case "10":
    case "11":
    case "12":
    case "13":
    case "14":
    case "15":
      return Number(value);
    default:
      return undefined;
  }
}

function flag(name: string): ExtensionParameter {
  return { name, value: undefined };
}

function bits(name: string, value: number): ExtensionParameter {
  return { name, value: `${value}` };
}

function mismatch(what: string): HandshakeFault {
  return createHandshakeFault(
    "deflate-answer-invalid",
    `The server's answer about permessage-deflate is not valid: ${what}.`,
  );
}
