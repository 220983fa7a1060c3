/** What Node keeps under a `net.Socket`, as far as it is used here: see `direct-access.ts`. */

/** libuv's stream as Node wraps it. What is called returns 0, or a negative error number. */
export interface StreamHandle {
  onread: ((this: StreamHandle, bytes?: ArrayBuffer) => undefined) | undefined;
  /** Kept by `net.Socket` beside the handle. */
  reading: boolean;
  readStart(): number;
  readStop(): number;
  /** Every read goes to the beginning of `buffer`, which must never be freed. */
  useUserBuffer(buffer: Uint8Array): void;
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
  writev(request: WriteRequest, chunks: Uint8Array[], allBuffers: true): number;
  /** 1 when there was nothing to wait for. */
  shutdown(request: ShutdownRequest): number;
  close(done: (this: StreamHandle) => void): void;
  setKeepAlive?(enable: boolean, initialDelaySeconds: number): number;
}

/** Is used up only by a write that could not be done at once; then `oncomplete` tells of its end. */
export interface WriteRequest {
  oncomplete: ((this: WriteRequest, status: number) => void) | undefined;
}

export interface ShutdownRequest {
  oncomplete: ((this: ShutdownRequest, status: number) => void) | undefined;
}

type Class<T> = new () => T;

/** What `process.binding("stream_wrap")` gives. */
export interface StreamBinding {
  readonly WriteWrap: Class<WriteRequest>;
  readonly ShutdownWrap: Class<ShutdownRequest>;
  /** What the latest call or callback left: the fields of the indices that follow. */
  readonly streamBaseState: Int32Array;
  readonly kReadBytesOrError: number;
  readonly kLastWriteWasAsync: number;
}

/** What every handle has. */
export const HANDLE_METHODS: readonly string[] = [
  "readStart",
  "readStop",
  "useUserBuffer",
  "writeBuffer",
  "writev",
  "shutdown",
  "close",
];
