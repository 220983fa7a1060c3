import { expect, test } from "vitest";
import { hubLimits, transportLimits } from "../../../server/hub/limits.js";
import { playersMax } from "../../../server/pages/quiz/limits.js";

test("a full game fits in behind one address, also when all come back after a restart", () => {
  const { sessions = 0, hellosBurst = 0, wrongSecretsBurst = 0 } = hubLimits;
  expect(sessions).toBeGreaterThan(playersMax);
  expect(hellosBurst).toBeGreaterThan(playersMax);
  // Each brings the secret of a session that is no more.
  expect(wrongSecretsBurst).toBeGreaterThan(playersMax);
  // Over long polling: the answered poll, the next one, and the answer to the question.
  expect(transportLimits.requestsBurst).toBeGreaterThan(3 * playersMax);
});
