// A packet encoded once, shared by every session that it goes to.

import type { Codec, Encoded } from "./codec.js";
import { isFault } from "./fault.js";
import { isCounted, type Packet } from "./packet.js";

/**
 * A packet, encoded when it is made: later changes to its data do not reach the wire, and a
 * broadcast is encoded once for all its receivers. Immutable but for its caches.
 */
export class Entry {
  readonly type: Packet["type"];
  /** Whether it has a place in a log (§4.3). */
  readonly counted: boolean;
  /** Bytes on the wire, as `limits.messageBytes` and `limits.logBytes` count them. */
  readonly size: number;
  readonly #codec: Codec;
  readonly #encoded: Encoded;
  #memos: Map<object, unknown> | undefined;

  /** @throws {DataError} when `packet.data` holds what cannot be sent (§3.5). */
  constructor(packet: Packet, codec: Codec) {
    this.type = packet.type;
    this.counted = isCounted(packet);
    this.#codec = codec;
    this.#encoded = codec.encode(packet);
    this.size = codec.size(this.#encoded);
  }

  /** The message for a link's codec; another codec than the first costs one conversion, once. */
  encoded(codec: Codec): Encoded {
    if (codec === this.#codec) return this.#encoded;
    return this.memo(codec, () => codec.encode(this.packet()));
  }

  /** The packet, decoded anew. */
  packet(): Packet {
    const packet = this.#codec.decode(this.#encoded);
    if (isFault(packet)) throw new Error(`An entry of ours does not decode: ${packet.detail}`);
    return packet;
  }

  /** Keeps what a transport made of this entry (a frame, a compressed frame) under the transport's key. */
  memo<Made>(key: object, make: (entry: Entry) => Made): Made {
    this.#memos ??= new Map();
    let made = this.#memos.get(key) as Made | undefined;
    if (made === undefined) {
      made = make(this);
      this.#memos.set(key, made);
    }
    return made;
  }
}
