// HTTP answers (PROTOCOL.md §10.7, §10.8): every one of them is made here. They are plain values: a web
// `Response` costs more than the rest of a poll, and a host with another way to write needs none.

import {
  type Bye,
  CloseCode,
  type Codec,
  type Encoded,
  frame,
  quickJsonCodec,
} from "@tidewire/session-protocol";
import type { OpenResponse } from "./open-response.js";

/** What is written to the client. */
export interface Answer {
  readonly status: number;
  readonly headers: HeaderList;
  /** Null: none. An open response goes on until it is closed. */
  readonly body: Encoded | OpenResponse | null;
}

/** The codes of §11 that stand for a status of their own; others are an internal error. */
const statuses = new Map<number, number>([
  [CloseCode.malformed, 400],
  [CloseCode.unauthorised, 401],
  [CloseCode.tokenExpired, 401],
  [CloseCode.forbidden, 403],
  [CloseCode.unknownSession, 404],
  [CloseCode.helloTimeout, 408],
  [CloseCode.stale, 409],
  [CloseCode.superseded, 409],
  [CloseCode.tooLarge, 413],
  [CloseCode.codec, 415],
  [CloseCode.version, 426],
  [CloseCode.limited, 429],
  [CloseCode.internal, 500],
  [CloseCode.draining, 503],
  [CloseCode.overloaded, 503],
]);

export function statusOf(code: number): number {
  return statuses.get(code) ?? (code >= 4400 && code < 4500 ? 400 : 500);
}

/** The headers of §10.8 that every answer has. `cors` are those for an allowed origin. */
export function headersFor(cors: HeaderList, contentType?: string): HeaderList {
  let byType = made.get(cors);
  if (byType === undefined) {
    byType = new Map();
    made.set(cors, byType);
  }
  let headers = byType.get(contentType);
  if (headers === undefined) {
    headers = [...fixedFor(contentType), ...cors];
    byType.set(contentType, headers);
  }
  return headers;
}

/** By `cors` and content type, of which there are four: made once, for every answer has them. */
const made = new WeakMap<HeaderList, Map<string | undefined, HeaderList>>();

function fixedFor(contentType: string | undefined): HeaderList {
  return [
    ["Cache-Control", "no-store, no-transform"],
    ["X-Content-Type-Options", "nosniff"],
    ["X-Accel-Buffering", "no"],
    ["Vary", "Origin"],
    ...(contentType === undefined ? [] : ([["Content-Type", contentType]] as const)),
  ];
}

export type HeaderList = readonly (readonly [name: string, value: string])[];

export const noHeaders: HeaderList = [];

/** An error: a JSON `bye` packet with the status that its code stands for, or a given one. */
export function refusal(bye: Bye, cors: HeaderList, status: number = statusOf(bye.code)): Answer {
  const headers = [...headersFor(cors, "application/json")];
  if (status === 429 || status === 503) {
    headers.push(["Retry-After", String(Math.max(1, Math.ceil((bye.retryMs ?? 1_000) / 1_000)))]);
  }
  if (status === 405) headers.push(["Allow", "POST, OPTIONS"]);
  return { status, headers, body: quickJsonCodec.encode(bye) };
}

/** A complete answer of framed packets. */
export function packets(body: Encoded, contentType: string, cors: HeaderList): Answer {
  return { status: 200, headers: headersFor(cors, contentType), body };
}

/** To a POST whose link is over (§10.4): a client that said goodbye is answered, not blamed. */
export function lastWord(end: Bye, codec: Codec, cors: HeaderList): Answer {
  if (statusOf(end.code) < 500 && end.code >= 4400) return refusal(end, cors);
  return packets(frame(codec.encode(end)), codec.contentType, cors);
}

/** An answer that stays open. */
export function open(body: OpenResponse, cors: HeaderList): Answer {
  return { status: 200, headers: headersFor(cors, body.contentType), body };
}

export function preflight(cors: HeaderList): Answer {
  const headers = headersFor([
    ...cors,
    ["Access-Control-Allow-Methods", "POST"],
    ["Access-Control-Allow-Headers", "content-type"],
    ["Access-Control-Max-Age", "7200"],
  ]);
  return { status: 204, headers, body: null };
}

export function byeOf(code: number, reason: string, retryMs?: number): Bye {
  return { type: "bye", code, reason, ...(retryMs === undefined ? {} : { retryMs }) };
}
