// Reads a .cpuprofile: how much of the time the process was busy each layer took by itself.

export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
    };
  }[];
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

export interface Share {
  readonly name: string;
  /** Of the time the process was not idle, 0–1. */
  readonly share: number;
}

type Frame = CpuProfile["nodes"][number]["callFrame"];

export function layerTimes(profile: CpuProfile): Share[] {
  return shares(profile, layerOf);
}

/** The `count` functions with the most time of their own. */
export function functionTimes(profile: CpuProfile, count: number): Share[] {
  return shares(profile, nameOf).slice(0, count);
}

/** Which layer a function belongs to. */
export function layerOf({ functionName, url }: Frame): string {
  if (functionName === "(garbage collector)") return "garbage collector";
  // Outside of JavaScript: the event loop with its system calls, and the runtime's own C++.
  if (functionName === "(program)") return "event loop and kernel";
  if (url.startsWith("node:"))
    return `node internals (${url.slice(5).split("/").slice(0, 2).join("/")})`;
  if (url === "") return "native functions of Node and V8 (writes, buffers)";
  if (url.startsWith("wasm:")) return "WebAssembly (masking, deflate of short messages)";
  const found = /packages\/([^/]+)\/dist\/(?:([^/]+)\/)?/.exec(url);
  if (found !== null) return found[2] === undefined ? found[1]! : `${found[1]}/${found[2]}`;
  return url.includes("/bench/") ? "the echo handler" : "other";
}

function nameOf(frame: Frame): string {
  const file = frame.url.split("/").slice(-2).join("/");
  return `${frame.functionName || "(anonymous)"} ${file}${file && `:${frame.lineNumber + 1}`}`.trim();
}

function shares(profile: CpuProfile, nameFor: (frame: Frame) => string): Share[] {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const times = new Map<string, number>();
  let busy = 0;
  for (const [index, id] of profile.samples.entries()) {
    const frame = frames.get(id);
    if (frame === undefined || frame.functionName === "(idle)") continue;
    const time = Math.max(0, profile.timeDeltas[index] ?? 0);
    const name = nameFor(frame);
    times.set(name, (times.get(name) ?? 0) + time);
    busy += time;
  }
  return [...times]
    .map(([name, time]) => ({ name, share: busy === 0 ? 0 : time / busy }))
    .sort((a, b) => b.share - a.share);
}
