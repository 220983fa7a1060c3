// Some of the peers, to be spoken to: `hub.to("lobby").except(peer).volatile.emit(…)`. Immutable: each
// step answers another audience.

import type {
  Contract,
  DataArguments,
  EventName,
  ReceivedReply,
  RequestName,
  SentData,
  Untyped,
} from "@tidewire/session-protocol";
import type { Peer } from "../peers/peer.js";
import type { Manner } from "./broadcaster.js";
import type { MemberInfo } from "./member.js";
import type { RoomReplies } from "./room-request.js";
import { checkRoomName } from "./rooms.js";
import type { Selection } from "./selection.js";

/** What was done to an audience. */
export interface Done {
  /** Peers that it was done to. */
  readonly count: number;
  readonly silentNodes: readonly string[];
}

/** Who is in an audience. */
export interface Found {
  readonly peers: readonly (MemberInfo & { readonly node: string })[];
  readonly silentNodes: readonly string[];
}

/** What the hub does for audiences. */
export interface AudienceHost {
  emit(selection: Selection, name: string, data: unknown, manner: Manner): void;
  request(
    selection: Selection,
    name: string,
    data: unknown,
    options: { readonly timeoutMs?: number; readonly local: boolean },
  ): Promise<RoomReplies>;
  find(selection: Selection, local: boolean): Promise<Found>;
  act(selection: Selection, action: Action, local: boolean): Promise<Done>;
}

/** What can be done to everybody in an audience, on every node. */
export type Action =
  | { readonly kind: "disconnect"; readonly reason: string }
  | { readonly kind: "join"; readonly room: string }
  | { readonly kind: "leave"; readonly room: string };

export class Audience<C extends Contract = Untyped> {
  readonly #host: AudienceHost;
  readonly #selection: Selection;
  readonly #manner: Manner;

  /** Made by the hub: `hub.to(…)`, `hub.all`. */
  constructor(host: AudienceHost, selection: Selection, manner: Manner) {
    this.#host = host;
    this.#selection = selection;
    this.#manner = manner;
  }

  /** Adds rooms: whoever is in any of them, once. */
  to(...rooms: readonly string[]): Audience<C> {
    for (const room of rooms) checkRoomName(room);
    const all = [...new Set([...this.#selection.rooms, ...rooms])];
    return this.#with({ ...this.#selection, rooms: all });
  }

  /** Leaves out peers, and the members of rooms. */
  except(...who: readonly (Pick<Peer, "id"> | string)[]): Audience<C> {
    const { exceptIds, exceptRooms } = this.#selection;
    const ids: string[] = [];
    const rooms: string[] = [];
    for (const one of who) {
      if (typeof one !== "string") ids.push(one.id);
      else {
        checkRoomName(one);
        rooms.push(one);
      }
    }
    return this.#with({
      ...this.#selection,
      exceptIds: [...exceptIds, ...ids],
      exceptRooms: [...exceptRooms, ...rooms],
    });
  }

  /** Only peers of this node. */
  get local(): Audience<C> {
    return this.#with(this.#selection, { ...this.#manner, local: true });
  }

  /** Whoever cannot take it at once does not get it: typing indicators, cursors. Not kept in histories. */
  get volatile(): Audience<C> {
    return this.#with(this.#selection, { ...this.#manner, volatile: true });
  }

  /** In the place of the last event with this key that was not sent to a peer yet. */
  latest(key: string): Audience<C> {
    return this.#with(this.#selection, { ...this.#manner, latest: key });
  }

  /**
   * Sends an event to everybody in the audience. Encoded once. Who joins a room during the call is not
   * in it. To a room that keeps history it goes by way of the backplane, which gives it its place.
   * @throws {FailureError} when the contract refuses it; `DataError`, `MessageTooLargeError`.
   */
  emit<N extends EventName<C, "server">>(
    name: N,
    ...data: DataArguments<SentData<C, "server", N>>
  ): void {
    this.#host.emit(this.#selection, name, data[0], this.#manner);
  }

  /** Asks everybody in the audience; resolves at the deadline at the latest, with what there is. */
  async request<N extends RequestName<C, "server">>(
    name: N,
    data: SentData<C, "server", N>,
    options: { readonly timeoutMs?: number } = {},
  ): Promise<RoomReplies<ReceivedReply<C, "server", N>>> {
    const { local } = this.#manner;
    const replies = await this.#host.request(this.#selection, name, data, { ...options, local });
    return replies as RoomReplies<ReceivedReply<C, "server", N>>;
  }

  /** Who is in the audience, over all nodes that answer in time. */
  peers(): Promise<Found> {
    return this.#host.find(this.#selection, this.#manner.local);
  }

  /** Ends their sessions (4006). */
  disconnect(reason: string = ""): Promise<Done> {
    return this.#host.act(this.#selection, { kind: "disconnect", reason }, this.#manner.local);
  }

  /** Puts them into a room. */
  join(room: string): Promise<Done> {
    checkRoomName(room);
    return this.#host.act(this.#selection, { kind: "join", room }, this.#manner.local);
  }

  /** Takes them out of a room. */
  leave(room: string): Promise<Done> {
    checkRoomName(room);
    return this.#host.act(this.#selection, { kind: "leave", room }, this.#manner.local);
  }

  #with(selection: Selection, manner: Manner = this.#manner): Audience<C> {
    return new Audience<C>(this.#host, selection, manner);
  }
}
