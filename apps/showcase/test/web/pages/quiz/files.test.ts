import { describe, expect, test } from "vitest";
import { fileName } from "../../../../web/pages/quiz/file-name.js";
import { joinAddress } from "../../../../web/pages/quiz/join-address.js";
import { writeResults } from "../../../../web/pages/quiz/results-file.js";
import { ordinal, pointsOf } from "../../../../web/pages/quiz/words.js";

describe("the address that phones open", () => {
  const place = { protocol: "http:", hostname: "localhost", port: "8080" };

  test.each(["localhost", "127.0.0.1", "[::1]", "127.1.2.3", "app.localhost"])(
    "is the network's name of the server when the page came from %s",
    (hostname) => {
      expect(joinAddress("123456", ["192.0.2.2", "198.51.100.7"], { ...place, hostname })).toEqual({
        shown: "192.0.2.2:8080/#/quiz",
        url: "http://192.0.2.2:8080/#/quiz/123456",
        isReachable: true,
      });
      const { isReachable } = joinAddress("123456", [], { ...place, hostname });
      expect(isReachable).toBe(false);
    },
  );

  test("is the page's own when others can reach that", () => {
    const own = { protocol: "https:", hostname: "quiz.example.org", port: "" };
    expect(joinAddress("123456", ["192.0.2.2"], own)).toEqual({
      shown: "https://quiz.example.org/#/quiz",
      url: "https://quiz.example.org/#/quiz/123456",
      isReachable: true,
    });
  });
});

describe("files", () => {
  test("results are rows of a spreadsheet, whatever the nicknames are", () => {
    const row = { id: "p1", streak: 0, gained: 0, climbed: 0 };
    const text = writeResults([
      { ...row, place: 1, nickname: 'A "B", C', score: 1_000 },
      { ...row, place: 2, nickname: "=1+1", score: 5 },
    ]);
    expect(text).toBe(`\ufeffPlace,Nickname,Points\r\n1,"A ""B"", C",1000\r\n2,"'=1+1",5\r\n`);
  });

  test("are called by the title", () => {
    expect(fileName("HTTP & WebSockets!", "json")).toBe("http-websockets.json");
    expect(fileName("../../etc/passwd", "csv")).toBe("etc-passwd.csv");
    expect(fileName("???", "csv")).toBe("quiz.csv");
  });
});

test("numbers are said as people say them", () => {
  expect([1, 2, 3, 4, 11, 21, 1_002].map(ordinal)).toEqual([
    ...["1st", "2nd", "3rd", "4th", "11th", "21st", "1,002nd"],
  ]);
  expect([0, 1, 1_500].map(pointsOf)).toEqual(["0 points", "1 point", "1,500 points"]);
});
