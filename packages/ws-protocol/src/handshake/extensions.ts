/**
 * The `Sec-WebSocket-Extensions` header (RFC 6455 §9.1): read in one pass over the characters,
 * written in its shortest form.
 */
import { CLASSES, isToken, skipBlanks, skipToken, TOKEN } from "./characters.js";
import { createHandshakeFault, type HandshakeFault } from "./handshake-faults.js";
import type { HandshakeLimits } from "./handshake-limits.js";

/** One extension as offered or accepted; parameters in their order, repeated ones kept. */
export interface Extension {
  readonly name: string;
  readonly parameters: readonly ExtensionParameter[];
}

export interface ExtensionParameter {
  readonly name: string;
  /** A token, its quotes and escapes removed; `undefined` where there is no `=`. */
  readonly value: string | undefined;
}

export type ExtensionLimits = Pick<HandshakeLimits, "extensionsMax" | "extensionParametersMax">;

const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Reads all `Sec-WebSocket-Extensions` lines of a head as one list. Spaces may stand around every
 * separator, as RFC 2616 §2.1 implies for this grammar; empty elements are skipped.
 */
export function parseExtensions(
  values: readonly string[],
  limits: ExtensionLimits,
): readonly Extension[] | HandshakeFault {
  const extensions: Extension[] = [];
  for (const value of values) {
    const fault = new ExtensionLine(value, limits).readInto(extensions);
    if (fault !== undefined) return fault;
  }
  if (values.length > 0 && extensions.length === 0) return invalid("no extension", 0);
  return extensions;
}

/**
 * Writes one header value.
 *
 * @throws {TypeError} when a name or a value is not a token.
 */
export function formatExtensions(extensions: readonly Extension[]): string {
  return extensions.map(formatExtension).join(", ");
}

function formatExtension({ name, parameters }: Extension): string {
  let text = assertToken("extension", name);
  for (const parameter of parameters) {
    text += `; ${assertToken("extension parameter", parameter.name)}`;
    if (parameter.value !== undefined) {
      text += `=${assertToken(`value of ${parameter.name}`, parameter.value)}`;
    }
  }
  return text;
}

function assertToken(what: string, text: string): string {
  if (isToken(text)) return text;
  throw new TypeError(`The ${what} ${JSON.stringify(text)} must be a token`);
}

/** A cursor over one line; every character is looked at once. */
class ExtensionLine {
  readonly #text: string;
  readonly #limits: ExtensionLimits;
  #position = 0;

  constructor(text: string, limits: ExtensionLimits) {
    this.#text = text;
    this.#limits = limits;
  }

  readInto(extensions: Extension[]): HandshakeFault | undefined {
    while (true) {
      this.#skipBlanks();
      if (this.#position === this.#text.length) return undefined;
      if (this.#take(COMMA)) continue;
      if (extensions.length === this.#limits.extensionsMax) {
        return tooMany(`extensionsMax (${this.#limits.extensionsMax})`);
      }
      const name = this.#token();
      if (name === "") return this.#invalid("no extension name");
      const parameters: ExtensionParameter[] = [];
      const fault = this.#readParameters(parameters);
      if (fault !== undefined) return fault;
      extensions.push({ name, parameters });
      if (this.#position < this.#text.length && !this.#take(COMMA)) {
        return this.#invalid("an unexpected character");
      }
    }
  }

  #readParameters(parameters: ExtensionParameter[]): HandshakeFault | undefined {
    this.#skipBlanks();
    while (this.#take(SEMICOLON)) {
      this.#skipBlanks();
      if (parameters.length === this.#limits.extensionParametersMax) {
        return tooMany(`extensionParametersMax (${this.#limits.extensionParametersMax})`);
      }
      const name = this.#token();
      if (name === "") return this.#invalid("no parameter name");
      this.#skipBlanks();
      if (!this.#take(EQUALS)) {
        parameters.push({ name, value: undefined });
        continue;
      }
      this.#skipBlanks();
      const value = this.#take(QUOTE) ? this.#quoted() : this.#token();
      if (value === "") return this.#invalid("a value that is not a token");
      parameters.push({ name, value });
      this.#skipBlanks();
    }
    return undefined;
  }

  #token(): string {
    const start = this.#position;
    this.#position = skipToken(this.#text, start);
    return this.#text.slice(start, this.#position);
  }

  /**
   * The rest of a quoted-string, its opening quote taken; "" if it is not closed or not a token.
   * RFC 6455 §9.1: what remains after unescaping must be a token, so nothing longer than the text
   * up to the first character that is none is ever looked at.
   */
  #quoted(): string {
    let value = "";
    while (true) {
      const start = this.#position;
      value += this.#token();
      if (this.#take(QUOTE)) return value;
      if (!this.#take(BACKSLASH)) return "";
      const code = this.#text.charCodeAt(this.#position); // NaN at the end, which has no class
      if ((CLASSES[code]! & TOKEN) === 0) {
        this.#position = start;
        return "";
      }
      value += this.#text[this.#position++]!;
    }
  }

  #take(code: number): boolean {
    if (this.#text.charCodeAt(this.#position) !== code) return false;
    this.#position++;
    return true;
  }

  #skipBlanks(): void {
    this.#position = skipBlanks(this.#text, this.#position);
  }

  #invalid(what: string): HandshakeFault {
    return invalid(what, this.#position);
  }
}

function invalid(what: string, position: number): HandshakeFault {
  return createHandshakeFault(
    "extensions-invalid",
    `The Sec-WebSocket-Extensions header has ${what} at position ${position}. It must be like "name; parameter=value, name".`,
  );
}

function tooMany(limit: string): HandshakeFault {
  return createHandshakeFault(
    "extensions-too-many",
    `The Sec-WebSocket-Extensions header exceeds ${limit}. Offer less.`,
  );
}
