// The lab is compiled by the workspace's own build, in which the packages of this folder are not
// installed. What it takes from them is declared here, no more than it uses.

declare module "commander" {
  export class Command {
    name(name: string): this;
    description(text: string): this;
    option(flags: string, text: string, value?: unknown): this;
    option(flags: string, text: string, parse: (text: string) => unknown, value?: unknown): this;
    argument(name: string, text: string, value?: unknown): this;
    addHelpText(position: "after", text: string): this;
    showHelpAfterError(): this;
    parse(argv?: readonly string[]): this;
    opts(): Record<string, unknown>;
    readonly processedArgs: readonly unknown[];
    error(text: string): never;
  }
  export class InvalidArgumentError extends Error {}
}

declare module "vega" {
  export function parse(specification: object): object;
  export class View {
    constructor(runtime: object, options: { renderer: "none" });
    toSVG(): Promise<string>;
  }
}

declare module "websocket" {
  import type { Server } from "node:http";

  interface Message {
    readonly type: "utf8" | "binary";
    readonly utf8Data: string;
    readonly binaryData: Buffer;
  }
  export interface Connection {
    on(event: "message", listener: (message: Message) => void): void;
    on(event: "close", listener: () => void): void;
    sendUTF(text: string): void;
    sendBytes(bytes: Buffer): void;
  }
  interface Request {
    readonly resource: string;
    accept(): Connection;
  }
  const library: {
    server: new (
      options: Record<string, unknown> & { httpServer: Server },
    ) => { on(event: "request", listener: (request: Request) => void): void };
  };
  export default library;
}

declare module "faye-websocket" {
  import type { IncomingMessage } from "node:http";
  import type { Duplex } from "node:stream";
  export default class FayeWebSocket {
    constructor(
      request: IncomingMessage,
      socket: Duplex,
      head: Buffer,
      protocols: readonly string[],
    );
    on(event: "message", listener: (event: { readonly data: string | Buffer }) => void): void;
    on(event: "close", listener: () => void): void;
    send(data: string | Buffer): void;
  }
}

declare module "socket.io" {
  import type { Server as HttpServer } from "node:http";

  export interface Socket {
    readonly recovered: boolean;
    join(rooms: readonly string[]): Promise<void> | undefined;
    emit(name: string, data: unknown): boolean;
    on(name: string, listen: (data: unknown, reply?: (answer: unknown) => void) => void): this;
  }
  export class Server {
    constructor(host: HttpServer, options: { connectionStateRecovery?: object });
    readonly engine: { readonly clientsCount: number };
    on(name: "connection", listen: (socket: Socket) => void): this;
    to(room: string): { emit(name: string, data: unknown): boolean };
  }
}
