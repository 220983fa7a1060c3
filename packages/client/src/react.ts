// React hooks. A component tree has one client, by `TidewireProvider`; the hooks below it find it.
// Nothing connects while rendering, so StrictMode and abandoned renders open no second connection.

import type {
  Contract,
  EventName,
  ReceivedData,
  ReceivedReply,
  RequestName,
  SentData,
  Untyped,
} from "@tidewire/session-protocol";
import {
  type Context,
  createContext,
  createElement,
  type FunctionComponent,
  type ReactElement,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useInsertionEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import type { RequestOptions } from "./calls.js";
import { Client, type EmitArguments } from "./client.js";
import type { ClientState } from "./client-events.js";
import type { ClientOptions } from "./client-options.js";
import type { EventInfo } from "./inbox.js";
import type { TransportName } from "./transports/carrier.js";

const ClientContext: Context<Client | undefined> = createContext<Client | undefined>(undefined);

export type TidewireProviderProps<C extends Contract = Contract> =
  /** A client that somebody else opens and closes. */
  | { readonly client: Client<C>; readonly children?: ReactNode }
  /** A client of the provider's own: opened when it is mounted, closed when it is not any more. */
  | {
      readonly url: string | URL;
      readonly options?: ClientOptions<C>;
      readonly children?: ReactNode;
    };

/** Gives the tree below it a client. Another `url` is another client; `options` count at the first. */
export function TidewireProvider<C extends Contract>(
  props: TidewireProviderProps<C>,
): ReactElement {
  const { children } = props;
  if ("client" in props) {
    return createElement(
      ClientContext.Provider,
      { value: props.client as unknown as Client },
      children,
    );
  }
  const { url, options } = props;
  const owned = { key: String(url), url, options: options as ClientOptions | undefined };
  return createElement(Owner, owned, children);
}

const Owner: FunctionComponent<{
  url: string | URL;
  options: ClientOptions | undefined;
  children?: ReactNode;
}> = ({ url, options, children }) => {
  const [client, setClient] = useState(() => new Client(url, options as ClientOptions<Untyped>));
  const closing = useRef<ReturnType<typeof setTimeout>>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: options count when the client is made.
  useEffect(() => {
    clearTimeout(closing.current);
    // A tree that was hidden comes back, and its client was closed meanwhile.
    if (client.state === "closed" && client.failure?.reason === "closed") {
      setClient(new Client(url, options as ClientOptions<Untyped>));
      return undefined;
    }
    client.connect();
    return () => {
      // StrictMode unmounts and mounts again in one turn: that is no reason to close.
      closing.current = setTimeout(() => client.close(), 0);
    };
  }, [client]);
  return createElement(ClientContext.Provider, { value: client }, children);
};

/** The client of the nearest provider. */
export function useClient<C extends Contract = Untyped>(): Client<C> {
  const client = useContext(ClientContext);
  if (client === undefined) throw new Error("useClient needs a TidewireProvider above it.");
  return client as unknown as Client<C>;
}

/** The state of the connection; renders again when it changes. */
export function useConnectionState(): ClientState {
  const client = useClient();
  const subscribe = useCallback((changed: () => void) => client.watch("state", changed), [client]);
  return useSyncExternalStore(
    subscribe,
    () => client.state,
    () => "connecting",
  );
}

/** The transport in use; renders again when it changes. */
export function useTransport(): TransportName | undefined {
  const client = useClient();
  const subscribe = useCallback((changed: () => void) => client.watch("state", changed), [client]);
  return useSyncExternalStore(
    subscribe,
    () => client.transport,
    () => undefined,
  );
}

/** Calls `listener` for each event of that name while mounted. It need not be memoised. */
export function useEvent<
  C extends Contract = Untyped,
  Name extends EventName<C, "server"> = EventName<C, "server">,
>(name: Name, listener: (data: ReceivedData<C, "server", Name>, info: EventInfo) => unknown): void {
  const client = useClient<C>();
  const latest = useRef(listener);
  useInsertionEffect(() => {
    latest.current = listener;
  });
  useEffect(() => client.on(name, (data, info) => latest.current(data, info)), [client, name]);
}

/** The data of the latest event of that name, `initial` before the first. */
export function useLatest<
  C extends Contract = Untyped,
  Name extends EventName<C, "server"> = EventName<C, "server">,
  Initial = undefined,
>(name: Name, initial: Initial): ReceivedData<C, "server", Name> | Initial {
  const [data, setData] = useState<{ readonly value: ReceivedData<C, "server", Name> | Initial }>({
    value: initial,
  });
  useEvent<C, Name>(name, (value) => setData({ value }));
  return data.value;
}

export interface RequestState<Reply> {
  readonly status: "idle" | "pending" | "done" | "failed";
  readonly data: Reply | undefined;
  readonly error: unknown;
}

/**
 * A request to be made by an event handler, and how it stands. Only the latest counts: an earlier one
 * that is still pending is aborted, and so is the last one when the component goes.
 */
export function useRequest<
  C extends Contract = Untyped,
  Name extends RequestName<C, "client"> = RequestName<C, "client">,
>(
  name: Name,
): [
  ask: (
    ...[data, options]: EmitArguments<SentData<C, "client", Name>, RequestOptions>
  ) => Promise<ReceivedReply<C, "client", Name>>,
  state: RequestState<ReceivedReply<C, "client", Name>>,
] {
  type Reply = ReceivedReply<C, "client", Name>;
  const client = useClient<C>();
  const [state, setState] = useState<RequestState<Reply>>(idle);
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const ask = useCallback(
    async (
      ...[data, options]: EmitArguments<SentData<C, "client", Name>, RequestOptions>
    ): Promise<Reply> => {
      running.current?.abort();
      const abort = new AbortController();
      running.current = abort;
      setState({ status: "pending", data: undefined, error: undefined });
      // `AbortSignal.any` is younger than the rest that is used here, and most calls need none.
      const { signal: theirs } = options ?? {};
      const signal = theirs === undefined ? abort.signal : AbortSignal.any([abort.signal, theirs]);
      const untyped = client as unknown as Client;
      try {
        const reply = (await untyped.request(name, data, { ...options, signal })) as Reply;
        if (running.current === abort) setState({ status: "done", data: reply, error: undefined });
        return reply;
      } catch (error) {
        const isCurrent = running.current === abort && !abort.signal.aborted;
        if (isCurrent) setState({ status: "failed", data: undefined, error });
        throw error;
      }
    },
    [client, name],
  );
  return [ask, state];
}

const idle = { status: "idle", data: undefined, error: undefined } as const;

/** The hooks with the types of a contract: `export const { useEvent, … } = createHooks<typeof chat>()`. */
export function createHooks<C extends Contract>(): Hooks<C> {
  return {
    TidewireProvider,
    useClient,
    useConnectionState,
    useTransport,
    useEvent,
    useLatest,
    useRequest,
  } as unknown as Hooks<C>;
}

export interface Hooks<C extends Contract> {
  readonly TidewireProvider: (props: TidewireProviderProps<C>) => ReactElement;
  readonly useClient: () => Client<C>;
  readonly useConnectionState: () => ClientState;
  readonly useTransport: () => TransportName | undefined;
  readonly useEvent: <Name extends EventName<C, "server">>(
    name: Name,
    listener: (data: ReceivedData<C, "server", Name>, info: EventInfo) => unknown,
  ) => void;
  readonly useLatest: <Name extends EventName<C, "server">, Initial>(
    name: Name,
    initial: Initial,
  ) => ReceivedData<C, "server", Name> | Initial;
  readonly useRequest: <Name extends RequestName<C, "client">>(
    name: Name,
  ) => ReturnType<typeof useRequest<C, Name>>;
}
