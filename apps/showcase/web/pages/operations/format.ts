// Figures in words: short, with their unit, and as wide when they change a little as before.

export interface Words {
  readonly number: string;
  readonly unit: string;
}

export type Format = (value: number) => Words;

export const count: Format = (value) => ({ number: grouped(value), unit: "" });
export const perSecond: Format = (value) => ({ number: grouped(value), unit: "/s" });
export const part: Format = (value) => ({ number: `${Math.round(value * 100)}`, unit: "%" });

export const milliseconds: Format = (value) => {
  if (value >= 1_000) return { number: (value / 1_000).toFixed(1), unit: "s" };
  return {
    number: value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2),
    unit: "ms",
  };
};

export const bytes: Format = (value) => {
  if (value < 1_024) return { number: grouped(value), unit: "B" };
  const [size, unit] =
    value < 1_024 ** 2
      ? [1_024, "KiB"]
      : value < 1_024 ** 3
        ? [1_024 ** 2, "MiB"]
        : [1_024 ** 3, "GiB"];
  const scaled = value / (size as number);
  return { number: scaled.toFixed(scaled < 10 ? 1 : 0), unit: unit as string };
};

export function inWords({ number, unit }: Words): string {
  return unit === "" || unit === "/s" ? `${number}${unit}` : `${number} ${unit}`;
}

/** On an axis: no zeros that say nothing. */
export function tick(format: Format, value: number): string {
  if (value === 0) return "0";
  const { number, unit } = format(value);
  return inWords({ number: number.replace(/\.0+$|(\.\d*?)0+$/, "$1"), unit });
}

/** `12 s`, `5 min`, `3 h 20 min`, `2 d 4 h`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function clock(at: number): string {
  return new Date(at).toLocaleTimeString("en-GB");
}

function grouped(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString("en");
  return value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString("en");
}
