export interface AppendixOptions {
  readonly token?: string;
  readonly onevent: (name: string, data: unknown) => void;
  readonly onlink?: (welcome: { answer: string }) => void;
  /** The class to use in the place of the platform's WebSocket. */
  readonly Socket?: unknown;
}

export function tidewire(
  url: string,
  options: AppendixOptions,
): { emit(name: string, data?: unknown): void; close(): void };
