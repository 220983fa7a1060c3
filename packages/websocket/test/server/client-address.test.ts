import { describe, expect, test } from "vitest";
import {
  addressGroup,
  isPublicAddress,
  normalizeAddress,
} from "../../src/server/client-address.js";

describe("normalizeAddress", () => {
  test.each([
    ["192.0.2.1", "192.0.2.1"],
    ["192.0.2.1:5678", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["[2001:db8::1]:443", "2001:db8::1"],
    ["[2001:DB8::1]", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["::1", "::1"],
  ])("reads %s as %s", (text, address) => {
    expect(normalizeAddress(text)).toBe(address);
  });

  test.each(["", "unknown", "_hidden", "example.org", "192.0.2", "192.0.2.256", "[", "::g", ":"])(
    "takes %j for no address",
    (text) => {
      expect(normalizeAddress(text)).toBeUndefined();
    },
  );
});

describe("addressGroup", () => {
  test.each([
    ["192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["2001:0db8:0000::1", "2001:db8:0:0::/64"],
    ["2001::2:3:4:5:6:7", "2001:0:2:3::/64"],
    ["::1", "0:0:0:0::/64"],
    ["64:ff9b::192.0.2.1", "64:ff9b:0:0::/64"],
  ])("counts %s as %s", (address, group) => {
    expect(addressGroup(address)).toBe(group);
  });
});

test.each([
  ["127.0.0.1", false],
  ["10.1.2.3", false],
  ["172.15.0.1", true],
  ["172.16.0.1", false],
  ["172.31.255.255", false],
  ["172.32.0.1", true],
  ["192.168.1.1", false],
  ["192.169.1.1", true],
  ["169.254.0.1", false],
  ["100.63.0.1", true],
  ["100.64.0.1", false],
  ["100.127.0.1", false],
  ["100.128.0.1", true],
  ["203.0.113.9", true],
  ["::1", false],
  ["fd00::1", false],
  ["fe80::1", false],
  ["2001:db8::1", true],
])("isPublicAddress(%s) is %s", (address, isPublic) => {
  expect(isPublicAddress(address)).toBe(isPublic);
});
