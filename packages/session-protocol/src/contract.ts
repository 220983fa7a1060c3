// What two ends agree to say to each other: a plain object of schemas, shared by server and client.
// Types, and one function that returns its argument: importing it costs a browser nothing.

/**
 * What Tidewire asks of a schema: the part of Standard Schema version 1 (standardschema.dev) that it
 * calls. Zod, Valibot, ArkType and others have it. `Input` is what crosses the wire, `Output` what
 * the receiving handler gets.
 */
export interface Schema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** What is wrong, and where. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The `data` of a failure `invalid` (PROTOCOL.md §8.2), on both ends: what does not fit, and where. */
export interface InvalidData {
  readonly issues: readonly {
    readonly message: string;
    /** Keys and indices from the whole down to the place; empty for the whole. */
    readonly path: readonly (string | number)[];
  }[];
}

/** One name: with `reply` it is a request, without one an event. No `data`: it carries none. */
export interface MessageShape {
  readonly data?: Schema;
  readonly reply?: Schema;
}

/** A stream by name, whoever opens it. */
export interface StreamShape {
  /** What the opener says first. */
  readonly data?: Schema;
  /** Items from client to server. */
  readonly up?: Schema;
  /** Items from server to client. */
  readonly down?: Schema;
}

export interface Contract {
  /** What a client may send. */
  readonly client?: { readonly [name: string]: MessageShape };
  /** What a server may send. */
  readonly server?: { readonly [name: string]: MessageShape };
  readonly streams?: { readonly [name: string]: StreamShape };
}

/** The contract of those who have none: every name, and data of unknown type. */
export interface Untyped extends Contract {
  readonly untyped: true;
}

/** Returns the contract as it is, with its exact type. */
export function defineContract<const C extends Contract>(contract: C): C {
  return contract;
}

export type SchemaInput<S> = S extends { readonly "~standard": { readonly types?: infer T } }
  ? NonNullable<T> extends { readonly input: infer Input }
    ? Input
    : unknown
  : undefined;

export type SchemaOutput<S> = S extends { readonly "~standard": { readonly types?: infer T } }
  ? NonNullable<T> extends { readonly output: infer Output }
    ? Output
    : unknown
  : undefined;

/** Who sends. */
export type Side = "client" | "server";

type Section<C, S extends keyof Contract> = S extends keyof C ? NonNullable<C[S]> : unknown;
type Shape<C, S extends keyof Contract, N> = N extends keyof Section<C, S>
  ? Section<C, S>[N]
  : unknown;
type Part<Of, P extends string> = P extends keyof Of ? Of[P] : undefined;

/** Names of the events that side `S` may send. */
export type EventName<C, S extends Side> = C extends Untyped
  ? string
  : {
      [N in keyof Section<C, S> & string]: Section<C, S>[N] extends { readonly reply: Schema }
        ? never
        : N;
    }[keyof Section<C, S> & string];

/** Names of the requests that side `S` may make. */
export type RequestName<C, S extends Side> = C extends Untyped
  ? string
  : {
      [N in keyof Section<C, S> & string]: Section<C, S>[N] extends { readonly reply: Schema }
        ? N
        : never;
    }[keyof Section<C, S> & string];

export type StreamName<C> = C extends Untyped ? string : keyof Section<C, "streams"> & string;

/** What the sender of an event or a request passes. */
export type SentData<C, S extends Side, N> = C extends Untyped
  ? unknown
  : SchemaInput<Part<Shape<C, S, N>, "data">>;

/** What the receiver's handler gets. */
export type ReceivedData<C, S extends Side, N> = C extends Untyped
  ? unknown
  : SchemaOutput<Part<Shape<C, S, N>, "data">>;

/** What the handler of a request returns. `S` is who asks. */
export type SentReply<C, S extends Side, N> = C extends Untyped
  ? unknown
  : SchemaInput<Part<Shape<C, S, N>, "reply">>;

/** What the asker gets. `S` is who asks. */
export type ReceivedReply<C, S extends Side, N> = C extends Untyped
  ? unknown
  : SchemaOutput<Part<Shape<C, S, N>, "reply">>;

/** A stream's values: `data` at the opening, `up` and `down` its items. */
export type SentItem<C, N, P extends keyof StreamShape> = C extends Untyped
  ? unknown
  : SchemaInput<Part<Shape<C, "streams", N>, P>>;
export type ReceivedItem<C, N, P extends keyof StreamShape> = C extends Untyped
  ? unknown
  : SchemaOutput<Part<Shape<C, "streams", N>, P>>;

/** The `data` argument, which may be left out when there is none. */
export type DataArguments<Data> = undefined extends Data ? [data?: Data] : [data: Data];
