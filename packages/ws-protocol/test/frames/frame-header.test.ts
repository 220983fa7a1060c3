import { describe, expect, test } from "vitest";
import {
  FrameHeaderReader,
  frameHeaderSize,
  HEADER_BYTES_MAX,
  HeaderStatus,
  writeFrameHeader,
  writeMaskingKey,
} from "../../src/frames/frame-header.js";
import { decodeEveryWay } from "../support/cuts.js";
import { bytesOfBits, frame, KEY, ROLES, type Role } from "../support/frames.js";

interface Header {
  readonly fault?: string;
  readonly closeCode?: number;
  readonly fin?: boolean;
  readonly rsv1?: boolean;
  readonly opcode?: number;
  readonly length?: number;
  readonly key?: number;
  readonly consumed?: number;
}

interface Rules {
  readonly rsv1Allowed?: boolean;
  readonly frameBytesMax?: number;
}

/** Reads one header from chunks. */
function readHeader(role: Role, chunks: Uint8Array[], rules: Rules = {}): Header {
  const reader = new FrameHeaderReader({
    masked: role === "server",
    rsv1Allowed: rules.rsv1Allowed ?? false,
    frameBytesMax: rules.frameBytesMax ?? Number.POSITIVE_INFINITY,
  });
  let consumed = 0;
  for (const chunk of chunks) {
    const position = reader.read(chunk, 0, chunk.length);
    consumed += position;
    if (reader.status === HeaderStatus.faulty) {
      return { fault: reader.fault!.code, closeCode: reader.fault!.closeCode };
    }
    if (reader.status === HeaderStatus.ready) {
      const { fin, rsv1, opcode, length, key } = reader;
      return { fin, rsv1, opcode, length, key, consumed };
    }
    expect(position, "an incomplete header takes everything").toBe(chunk.length);
  }
  return {};
}

const read = (role: Role, bytes: Uint8Array, rules?: Rules): Header =>
  decodeEveryWay(bytes, (chunks) => readHeader(role, chunks, rules));

const KEY_NUMBER = 0x3d21fa37;

// The same table drives reading and writing.
const HEADERS = [
  { fin: true, opcode: 1, length: 0, drawing: "FIN 1 RSV 000 text 0001  MASK 0 len 0000000" },
  { fin: true, opcode: 1, length: 1, drawing: "FIN 1 RSV 000 text 0001  MASK 0 len 0000001" },
  { fin: false, opcode: 2, length: 5, drawing: "FIN 0 RSV 000 bin 0010  MASK 0 len 0000101" },
  { fin: true, opcode: 0, length: 125, drawing: "FIN 1 RSV 000 cont 0000 MASK 0 len 1111101" },
  { fin: true, opcode: 8, length: 2, drawing: "FIN 1 RSV 000 close 1000 MASK 0 len 0000010" },
  { fin: true, opcode: 9, length: 125, drawing: "FIN 1 RSV 000 ping 1001 MASK 0 len 1111101" },
  { fin: true, opcode: 10, length: 0, drawing: "FIN 1 RSV 000 pong 1010 MASK 0 len 0000000" },
  {
    fin: true,
    opcode: 2,
    length: 126,
    drawing: "FIN 1 RSV 000 bin 0010 MASK 0 len 1111110 0000000001111110",
  },
  {
    fin: true,
    opcode: 2,
    length: 127,
    drawing: "FIN 1 RSV 000 bin 0010 MASK 0 len 1111110 0000000001111111",
  },
  {
    fin: true,
    opcode: 2,
    length: 65535,
    drawing: "FIN 1 RSV 000 bin 0010 MASK 0 len 1111110 1111111111111111",
  },
  {
    fin: false,
    opcode: 1,
    length: 65536,
    drawing: `FIN 0 RSV 000 text 0001 MASK 0 len 1111111 ${"0".repeat(47)}1${"0".repeat(16)}`,
  },
  {
    fin: true,
    opcode: 2,
    length: 2 ** 31,
    drawing: `FIN 1 RSV 000 bin 0010 MASK 0 len 1111111 ${"0".repeat(32)}1${"0".repeat(31)}`,
  },
  {
    fin: true,
    opcode: 2,
    length: 2 ** 32 - 1,
    drawing: `FIN 1 RSV 000 bin 0010 MASK 0 len 1111111 ${"0".repeat(32)}${"1".repeat(32)}`,
  },
  {
    fin: true,
    opcode: 2,
    length: 2 ** 32,
    drawing: `FIN 1 RSV 000 bin 0010 MASK 0 len 1111111 ${"0".repeat(31)}1${"0".repeat(32)}`,
  },
  {
    fin: true,
    opcode: 2,
    length: Number.MAX_SAFE_INTEGER,
    drawing: `FIN 1 RSV 000 bin 0010 MASK 0 len 1111111 ${"0".repeat(11)}${"1".repeat(53)}`,
  },
].map((row) => ({ ...row, plain: bytesOfBits(bitsOf(row.drawing)) }));

/** Labels such as `len` hold no bits, but `000` and the like do. */
function bitsOf(drawing: string): string {
  return drawing.replaceAll(/[A-Za-z]+/g, "");
}

function withKey(plain: Uint8Array): Uint8Array {
  return Uint8Array.of(plain[0]!, plain[1]! | 0x80, ...plain.subarray(2), ...KEY);
}

describe.each(ROLES)("frame headers at a %s", (role) => {
  const masked = role === "server";

  test.each(HEADERS)("§5.2 a header is read with all its fields: $drawing", (row) => {
    const bytes = masked ? withKey(row.plain) : row.plain;
    expect(read(role, bytes)).toEqual({
      fin: row.fin,
      rsv1: false,
      opcode: row.opcode,
      length: row.length,
      key: masked ? KEY_NUMBER : 0,
      consumed: bytes.length,
    });
  });

  test.each(HEADERS)("§5.2 a header is written in the fewest bytes: $drawing", (row) => {
    const bytes = new Uint8Array(HEADER_BYTES_MAX + 2);
    const masks = !masked;
    let end = writeFrameHeader(bytes, 1, (row.fin ? 0x80 : 0) | row.opcode, row.length, masks);
    if (masks) end = writeMaskingKey(bytes, end, KEY_NUMBER);
    expect(bytes.subarray(1, end)).toEqual(masks ? withKey(row.plain) : row.plain);
    expect(frameHeaderSize(row.length, masks)).toBe(end - 1);
  });

  test("§5.2 every first byte with either mask bit, with and without RSV1 negotiated, is judged as the RFC says", () => {
    for (const rsv1Allowed of [false, true]) {
      for (let first = 0; first < 256; first++) {
        for (const maskBit of [false, true]) {
          const bytes = Uint8Array.of(first, maskBit ? 0x80 : 0, ...(maskBit ? KEY : []));
          const expected = oracle(role, first, maskBit, rsv1Allowed);
          const result = readHeader(role, [bytes], { rsv1Allowed });
          const stepped = readHeader(
            role,
            [...bytes].map((b) => Uint8Array.of(b)),
            {
              rsv1Allowed,
            },
          );
          if (result.fault !== expected || stepped.fault !== expected) {
            expect.fail(`${first} mask ${maskBit}: ${result.fault}, wanted ${expected}`);
          }
        }
      }
    }
  });

  test("§5.2 a reserved bit or opcode is found in the first byte, before anything else arrives", () => {
    expect(readHeader(role, [Uint8Array.of(0b1100_0001)]).fault).toBe("reserved-bits");
    expect(readHeader(role, [Uint8Array.of(0b1010_0001)]).fault).toBe("reserved-bits");
    expect(readHeader(role, [Uint8Array.of(0b1001_0001)]).fault).toBe("reserved-bits");
    expect(readHeader(role, [Uint8Array.of(0b1000_0011)]).fault).toBe("reserved-opcode");
    expect(readHeader(role, [Uint8Array.of(0b0000_1001)]).fault).toBe("control-fragmented");
  });

  const key = masked ? KEY : undefined;

  test.each([0n, 1n, 125n])(
    "§5.2 length %s in two bytes more than it needs fails with 1002",
    (n) => {
      const bytes = frame({ opcode: 2, key, length: n, lengthBytes: 2 });
      expect(read(role, bytes)).toEqual({ fault: "length-not-minimal", closeCode: 1002 });
    },
  );

  test.each([0n, 125n, 126n, 65535n])(
    "§5.2 length %s in eight bytes is not the minimal number of bytes and fails with 1002",
    (n) => {
      const bytes = frame({ opcode: 2, key, length: n, lengthBytes: 8 });
      expect(read(role, bytes)).toEqual({ fault: "length-not-minimal", closeCode: 1002 });
    },
  );

  test.each([2n ** 63n, 2n ** 63n + 1n, 2n ** 64n - 1n])(
    "§5.2 a 64-bit length with the most significant bit set fails with 1002: %s",
    (n) => {
      const bytes = frame({ opcode: 2, key, length: n });
      expect(read(role, bytes)).toEqual({ fault: "length-overflow", closeCode: 1002 });
      expect(read(role, bytes, { frameBytesMax: 10 }).closeCode).toBe(1002);
    },
  );

  test.each([2n ** 53n, 2n ** 53n + 1n, 2n ** 62n, 2n ** 63n - 1n])(
    "§10.4 a length that no number holds exactly fails with 1009 even without a limit: %s",
    (n) => {
      const bytes = frame({ opcode: 2, key, length: n });
      expect(read(role, bytes)).toEqual({ fault: "frame-too-big", closeCode: 1009 });
    },
  );

  test("§10.4 a frame of frameBytesMax is taken, one byte more fails with 1009 from the header alone", () => {
    for (const limit of [1, 125, 126, 1000, 65535, 65536, 2 ** 31, 2 ** 40]) {
      const within = frame({ opcode: 2, key, length: BigInt(limit) });
      expect(read(role, within, { frameBytesMax: limit }).length).toBe(limit);
      const beyond = frame({ opcode: 2, key, length: BigInt(limit + 1) });
      const result = read(role, beyond, { frameBytesMax: limit });
      expect(result).toEqual({ fault: "frame-too-big", closeCode: 1009 });
    }
  });

  test.each([8, 9, 10])(
    "§5.5 a control frame longer than 125 bytes fails the connection with 1002: opcode %i",
    (opcode) => {
      expect(read(role, frame({ opcode, key, length: 125n })).length).toBe(125);
      for (const length of [126n, 127n, 65536n]) {
        const result = read(role, frame({ opcode, key, length }));
        expect(result).toEqual({ fault: "control-too-long", closeCode: 1002 });
      }
    },
  );
});

test("§5.1 an unmasked frame fails at a server, a masked frame at a client, with 1002", () => {
  const unmasked = frame({ opcode: 1, payload: "x" });
  expect(read("server", unmasked)).toEqual({ fault: "mask-missing", closeCode: 1002 });
  const masked = frame({ opcode: 1, payload: "x", key: KEY });
  expect(read("client", masked)).toEqual({ fault: "mask-unexpected", closeCode: 1002 });
});

/** What RFC 6455 §5.1–§5.5 and RFC 7692 §6 say about a header, in terms of drawn bits. */
function oracle(
  role: Role,
  first: number,
  maskBit: boolean,
  rsv1Allowed: boolean,
): string | undefined {
  const bits = first.toString(2).padStart(8, "0");
  const fin = bits[0] === "1";
  const [rsv1, rsv2, rsv3] = [bits[1] === "1", bits[2] === "1", bits[3] === "1"];
  const opcode = bits.slice(4);
  const startsMessage = opcode === "0001" || opcode === "0010";
  const known = ["0000", "0001", "0010", "1000", "1001", "1010"].includes(opcode);
  const control = opcode.startsWith("1");
  if (rsv2 || rsv3 || (rsv1 && !rsv1Allowed)) return "reserved-bits";
  if (!known) return "reserved-opcode";
  if (control && !fin) return "control-fragmented";
  if (rsv1 && !startsMessage) return "reserved-bits";
  if (role === "server" && !maskBit) return "mask-missing";
  if (role === "client" && maskBit) return "mask-unexpected";
  return undefined;
}
