/** Makes `directIo` the default of everything that a test starts: for running the suites over it. */
import { vi } from "vitest";

vi.mock(import("../../src/wire-options.js"), async (importOriginal) => {
  const { resolveWireOptions } = await importOriginal();
  return {
    resolveWireOptions: (role, limits, given) =>
      resolveWireOptions(role, limits, { ...given, directIo: given.directIo ?? true }),
  };
});
