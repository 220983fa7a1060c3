// Two engines on links without delay, for tests of single rules.

import {
  type Encoded,
  encodeId,
  type Hello,
  isFault,
  jsonCodec,
  type Link,
  type LinkEnd,
  type Linked,
  type LinkPort,
  type Packet,
  Session,
  type SessionOptions,
} from "@tidewire/session-protocol";

export const sessionId: string = encodeId(new Uint8Array(16).fill(1));
export const secret: string = encodeId(new Uint8Array(32).fill(2));

/** One engine, and everything that it said to its caller. */
export class End {
  readonly session: Session;
  readonly packets: Packet[] = [];
  readonly linked: Linked[] = [];
  readonly unlinked: LinkEnd[] = [];
  readonly ended: LinkEnd[] = [];
  acknowledged = 0;

  constructor(role: "client" | "server", options: Partial<SessionOptions> = {}) {
    this.session = new Session(
      {
        role,
        ...(role === "server" ? { id: sessionId } : {}),
        ...options,
        handler: {
          packet: (packet) => this.packets.push(packet),
          linked: (linked) => this.linked.push(linked),
          unlinked: (end) => this.unlinked.push(end),
          acknowledged: (count) => {
            this.acknowledged = count;
          },
          ended: (end) => this.ended.push(end),
        },
      },
      0,
    );
  }

  get names(): string[] {
    return this.packets.map((packet) => (packet as { name: string }).name);
  }
}

/** A port that keeps what was written. */
export class Recorder implements LinkPort {
  readonly codec: typeof jsonCodec = jsonCodec;
  readonly written: Packet[] = [];
  closed: number | undefined;
  /** What `write` answers. */
  isReady = true;

  write(entry: { encoded(codec: typeof jsonCodec): Encoded }): boolean {
    const packet = jsonCodec.decode(entry.encoded(jsonCodec));
    if (isFault(packet)) throw new Error(packet.detail);
    this.written.push(packet);
    return this.isReady;
  }

  close(code: number): void {
    this.closed = code;
  }

  get types(): string[] {
    return this.written.map((packet) => packet.type);
  }
}

export interface Connection {
  readonly up: Recorder;
  readonly down: Recorder;
  readonly clientLink: Link;
  readonly serverLink: Link;
  /** Carries what was written since the last call, both ways, until nothing is left. */
  flow(now?: number): void;
}

/** Links a client to a server session through hello and welcome. */
export function join(client: End, server: End, now = 0): Connection {
  const up = new Recorder();
  const down = new Recorder();
  const clientLink = client.session.connect(up, now);
  const serverLink = server.session.accept(down, up.written.shift() as Hello, now, { secret });
  if (isFault(serverLink)) throw new Error(serverLink.detail);
  const flow = (at = now): void => {
    while (up.written.length + down.written.length > 0) {
      for (const packet of up.written.splice(0)) serverLink.receive(packet, at);
      for (const packet of down.written.splice(0)) clientLink.receive(packet, at);
    }
  };
  flow(now);
  return { up, down, clientLink, serverLink, flow };
}
