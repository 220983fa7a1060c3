import { describe, expect, it, vi } from "vitest";

const MIB = 1024 * 1024;

describe("memory that was freed", () => {
  it("is the kernel's again until there was a long message", async () => {
    const allocate = vi.spyOn(Buffer, "allocUnsafeSlow");
    const largest = (): number => Math.max(0, ...allocate.mock.calls.map(([length]) => length));
    const { nodePlatform } = await import("../src/node-platform.js");
    nodePlatform.allocate(1024);
    expect(largest()).toBeLessThan(MIB);
    nodePlatform.allocate(64 * 1024);
    expect(largest()).toBeGreaterThan(16 * MIB);
    allocate.mockClear();
    nodePlatform.allocate(64 * 1024);
    expect(largest()).toBeLessThan(MIB);
    allocate.mockRestore();
  });
});
