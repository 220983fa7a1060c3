/**
 * A small assembler for WebAssembly: modules are written in this codebase as readable functions, so
 * there is neither a binary to trust nor a tool to build one.
 */
import {
  type Code,
  type DeclareLocal,
  END,
  type FunctionNumber,
  Type,
  unsigned,
  type ValueType,
} from "./instructions.js";

interface AssembledFunction {
  readonly name: string;
  readonly parameterCount: number;
  readonly body: readonly number[];
}

/** Gathers the functions of a module with a memory of its own, which is exported as `memory`. */
export class Assembly {
  readonly #pages: number;
  readonly #functions: AssembledFunction[] = [];
  readonly #exports: Code[] = [[text("memory"), 2, 0]];

  /** @param memoryBytes of its memory, which never grows; rounded up to pages of 64 KiB. */
  constructor(memoryBytes: number) {
    this.#pages = Math.ceil(memoryBytes / 65_536);
  }

  /**
   * Adds a function of `parameterCount` 32-bit numbers, which are the first locals that it declares;
   * it ends by giving back another. Its name is what profiles and stacks show.
   */
  define(
    functionName: string,
    parameterCount: number,
    write: (local: DeclareLocal) => Code,
  ): FunctionNumber {
    const types: ValueType[] = [];
    const code = write((type = Type.i32) => ({ index: types.push(type) - 1 }));
    const locals = types.slice(parameterCount);
    const declared = locals.map((type) => [1, type]);
    const body = flatten([locals.length, declared, code, END]);
    this.#functions.push({ name: functionName, parameterCount, body });
    return { number: this.#functions.length - 1 };
  }

  /** Exports a function by its name. */
  export({ number }: FunctionNumber): void {
    this.#exports.push([text(this.#functions[number]!.name), 0, number]);
  }

  /** @returns the exports, or `undefined` where the runtime has no WebAssembly or lacks some of it. */
  instantiate<Exports extends object>(): (Exports & AssemblyMemory) | undefined {
    const { WebAssembly } = globalThis as { readonly WebAssembly?: WebAssemblyGlobal };
    if (WebAssembly === undefined) return undefined;
    try {
      const module = new WebAssembly.Module(this.#assemble());
      return new WebAssembly.Instance(module).exports as Exports & AssemblyMemory;
    } catch {
      return undefined; // No vectors, no address space, or no permission to compile.
    }
  }

  #assemble(): Uint8Array {
    const functions = this.#functions;
    const types = functions.map(({ parameterCount }) => [
      [Type.function, parameterCount, Array<number>(parameterCount).fill(Type.i32)],
      [1, Type.i32],
    ]);
    const numbers = functions.map((_, index) => [index]);
    const bodies = functions.map(({ body }) => [unsigned(body.length), body]);
    const names = section(
      1,
      functions.map(({ name }, index) => [index, text(name)]),
    );
    return new Uint8Array([
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, types),
      ...section(3, numbers),
      ...section(5, [[0, unsigned(this.#pages)]]),
      ...section(7, this.#exports),
      ...section(10, bodies),
      ...flatten([0, unsigned(names.length + 5), text("name"), names]),
    ]);
  }
}

export interface AssemblyMemory {
  readonly memory: { readonly buffer: ArrayBuffer };
}

interface WebAssemblyGlobal {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
}

function section(id: number, entries: readonly Code[]): number[] {
  const content = flatten([unsigned(entries.length), entries]);
  return flatten([id, unsigned(content.length), content]);
}

function text(ascii: string): Code {
  return [ascii.length, Array.from(ascii, (character) => character.charCodeAt(0))];
}

function flatten(code: Code, bytes: number[] = []): number[] {
  for (const part of code) {
    if (typeof part === "number") bytes.push(part);
    else flatten(part, bytes);
  }
  return bytes;
}
