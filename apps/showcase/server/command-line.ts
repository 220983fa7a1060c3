// What the user asked for: options first, then the environment, then the defaults.
import { Command, InvalidArgumentError, Option } from "commander";
import { tokenMax, tokenMin } from "../shared/operations/limits.js";

export interface Settings {
  /** 0 lets the system choose. */
  readonly port: number;
  readonly host: string;
  /** HTTPS; with a certificate of the moment unless one is given. */
  readonly tls: boolean;
  /** Files in PEM format; both or none. */
  readonly certificate: { readonly certPath: string; readonly keyPath: string } | undefined;
  /** Opens the operations page; undefined: a random one is made and printed. */
  readonly operationsToken: string | undefined;
}

/** Seen by this machine only: whoever wants to be seen by others says so. */
export const defaultHost = "127.0.0.1";
const defaultPort = 8080;
const usageError = 2;
const tokenVariable = "TIDEWIRE_OPERATIONS_TOKEN";

interface ParsedOptions {
  readonly port: number;
  readonly host: string;
  readonly tls?: true;
  readonly cert?: string;
  readonly key?: string;
  readonly operationsToken?: string;
}

/**
 * Prints help and ends the process with 0 when asked to, and with 2 when it does not understand.
 *
 * @param args without the names of the interpreter and the script
 */
export function parseCommandLine(args: readonly string[], env: NodeJS.ProcessEnv): Settings {
  const command = createCommand().parse(withPort(args, env), { from: "user" });
  const options = command.opts<ParsedOptions>();
  const { port, host, tls = false, cert, key } = options;
  const fail = (message: string): never => command.error(message, { exitCode: usageError });
  if ((cert === undefined) !== (key === undefined)) {
    const [given, missing] = cert === undefined ? ["--key", "--cert"] : ["--cert", "--key"];
    fail(`error: ${given} needs ${missing} as well: a certificate is of no use without its key.`);
  }
  const certificate =
    cert === undefined || key === undefined ? undefined : { certPath: cert, keyPath: key };
  const operationsToken = chooseOperationsToken(options, env, fail);
  return { port, host, tls: tls || certificate !== undefined, certificate, operationsToken };
}

function createCommand(): Command {
  return new Command("npm start --")
    .description("Serves the Tidewire showcase: what it is for, at work in the browser.")
    .addOption(
      new Option("-p, --port <number>", "port; 0 lets the system choose. Also: PORT=<number>")
        .default(defaultPort)
        .argParser(parsePort),
    )
    .addOption(
      new Option("--host <address>", "address to listen on; 0.0.0.0 for phones in your network")
        .default(defaultHost)
        .argParser(parseHost),
    )
    .option("--tls", "serve https: and wss:, with a self-signed certificate made on the spot")
    .option("--cert <file>", "use this certificate (PEM) for --tls, together with --key")
    .option("--key <file>", "the certificate's private key (PEM)")
    .option(
      "--operations-token <token>",
      "opens the operations page; random and printed unless given. Also: " +
        `${tokenVariable}=<token>, which other users of this machine do not see`,
    )
    .helpOption("-h, --help", "show this")
    .allowExcessArguments(false)
    .showHelpAfterError("(npm start -- --help shows what can be said)")
    .configureOutput({ outputError: (text, write) => write(text) })
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : usageError));
}

/** PORT stands before the options, so that these win, and is judged by the same rules. */
function withPort(args: readonly string[], env: NodeJS.ProcessEnv): string[] {
  const { PORT: port } = env;
  if (port === undefined || port === "") return [...args];
  try {
    parsePort(port);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    console.error(`error: the environment variable PORT is '${port}'. ${error.message}`);
    process.exit(usageError);
  }
  return [`--port=${port}`, ...args];
}

/** The complaint does not repeat the token: what is printed may be kept. */
function chooseOperationsToken(
  { operationsToken: given }: ParsedOptions,
  env: NodeJS.ProcessEnv,
  fail: (message: string) => never,
): string | undefined {
  const token = given ?? (env[tokenVariable] || undefined);
  if (token === undefined || isToken(token)) return token;
  const source = given === undefined ? tokenVariable : "--operations-token";
  return fail(
    `error: ${source} must have ${tokenMin} to ${tokenMax} characters: letters, digits and signs, no spaces.`,
  );
}

function isToken(text: string): boolean {
  return text.length >= tokenMin && text.length <= tokenMax && /^[!-~]+$/.test(text);
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new InvalidArgumentError("Expected a whole number from 0 to 65535.");
}

function parseHost(text: string): string {
  const host = text.trim().replace(/^\[(.*)\]$/, "$1");
  if (host && !/[\s/]/.test(host)) return host;
  throw new InvalidArgumentError("Expected an address such as 0.0.0.0, or a host name.");
}
