// The names by which other devices in the network reach this machine.
import { networkInterfaces } from "node:os";

export function lanHosts(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ family, internal }) => family === "IPv4" && !internal)
    .map(({ address }) => address);
}
