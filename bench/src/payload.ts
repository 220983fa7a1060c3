// What is sent in every measurement. It follows from its length, so that the servers which answer
// fixed bytes (one of them in C) build the same answer.

/** Lower-case letters in an order that no server can know: `bytes` of them. */
export function createPayload(bytes: number): Buffer {
  const payload = Buffer.allocUnsafe(bytes);
  for (let index = 0; index < bytes; index += 1) payload[index] = 97 + ((index * 7) % 26);
  return payload;
}

const words = "amber basil cedar delta ember fjord grove haven islet jetty kiosk lemon".split(" ");

/** JSON records as a dashboard would get them, each of exactly `bytes`, the same in every run. */
export function createRecords(count: number, bytes: number): Buffer[] {
  let state = 20_240_601;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  return Array.from({ length: count }, (_, index) => createRecord(index, bytes, random));
}

function createRecord(index: number, bytes: number, random: (below: number) => number): Buffer {
  const items: object[] = [];
  const text = (note: string): string => JSON.stringify({ sequence: index, items, note });
  for (;;) {
    const item = {
      id: random(1_000_000),
      name: `${words[random(words.length)]} ${words[random(words.length)]}`,
      price: random(100_000) / 100,
      inStock: random(2) === 1,
    };
    items.push(item);
    if (text("").length <= bytes) continue;
    items.pop();
    return Buffer.from(text("x".repeat(bytes - text("").length)));
  }
}
