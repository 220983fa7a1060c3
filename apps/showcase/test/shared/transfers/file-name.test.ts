import { describe, expect, test } from "vitest";
import { extensionOf, nameBytesMax, tidyFileName } from "../../../shared/transfers/file-name.js";

describe("tidyFileName", () => {
  test.each([
    ["report.pdf", "report.pdf"],
    ["Ümläut – naïve.txt", "Ümläut – naïve.txt"],
    ["日本語.png", "日本語.png"],
    ["../../etc/passwd", "passwd"],
    ["..\\..\\windows\\system.ini", "system.ini"],
    ["/", "file"],
    ["..", "file"],
    [".", "file"],
    ["", "file"],
    ["   ", "file"],
    ["\u200b\u200e", "file"],
    [".htaccess", "_htaccess"],
    ["a\u0000b\u001fc.txt", "a b c.txt"],
    ["line\r\nSet-Cookie: x", "line Set-Cookie_ x"],
    ["invoice\u202efdp.exe", "invoicefdp.exe"],
    ["\u2066evil\u2069.txt", "evil.txt"],
    ['a<b>c:d"e|f?g*h.txt', "a_b_c_d_e_f_g_h.txt"],
    ["trailing. . .", "trailing"],
    ["CON", "_CON"],
    ["con.txt", "_con.txt"],
    ["Lpt1.tar.gz", "_Lpt1.tar.gz"],
    ["com¹.txt", "_com¹.txt"],
    ["CONIN$", "_CONIN$"],
    ["console.log", "console.log"],
    ["\ud800.txt", "\ufffd.txt"],
  ])("%j becomes %j", (given, expected) => {
    expect(tidyFileName(given)).toBe(expected);
    expect(tidyFileName(expected)).toBe(expected);
  });

  test("at most so many bytes, the extension kept, no character cut apart", () => {
    const bytes = (text: string) => new TextEncoder().encode(text).length;
    const exact = `${"x".repeat(nameBytesMax - 4)}.png`;
    expect(tidyFileName(exact)).toBe(exact);
    for (const long of [`x${exact}`, `${"🎈".repeat(200)}.tar`, "é".repeat(500)]) {
      const short = tidyFileName(long);
      expect(bytes(short)).toBeLessThanOrEqual(nameBytesMax);
      expect(bytes(short)).toBeGreaterThan(nameBytesMax - 8);
      expect(short).not.toMatch(/\p{Surrogate}/u);
    }
    expect(tidyFileName(`${"🎈".repeat(200)}.tar`)).toMatch(/🎈…\.tar$/u);
  });
});

test.each([
  ["a.PNG", "png"],
  ["a.tar.gz", "gz"],
  ["noextension", ""],
  ["_htaccess", ""],
  ["a.b c", ""],
  ["ends.", ""],
])("the extension of %j is %j", (name, extension) => {
  expect(extensionOf(name)).toBe(extension);
});
