// Which addresses share their limits.

/** IPv4 by itself, IPv6 by its /64: whoever has one address of a /64 has all of them (RFC 6177 §2). */
export function groupOf(address: string): string {
  if (address.indexOf(":") < 0) return address;
  // An IPv4 address as a socket for both shows it (RFC 4291 §2.5.5.2).
  const mapped = /^::ffff:(\d+(?:\.\d+){3})$/i.exec(address);
  if (mapped !== null) return mapped[1]!;
  const [before = "", after] = address.split("::");
  const groups = before === "" ? [] : before.split(":");
  if (after !== undefined && groups.length < 4) {
    const tail = after === "" ? [] : after.split(":");
    const tailLength = tail.length + (after.includes(".") ? 1 : 0);
    while (groups.length + tailLength < 8) groups.push("0");
    groups.push(...tail);
  }
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, "").toLowerCase())
    .join(":")}::/64`;
}
