import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  attachmentsPerPersonMax,
  historyLengthMax,
  uploadsMax,
} from "../../../../server/pages/chat/limits.js";
import type { Said } from "../../../../shared/chat/contract.js";
import { attachmentBytesMax } from "../../../../shared/chat/limits.js";
import { privateRoom } from "../../../../shared/chat/private-room.js";
import type { ShowcaseClient } from "../../../../web/session/session.js";
import { fetchFile } from "../../../../web/transfers/fetch-file.js";
import { sendFile } from "../../../../web/transfers/send-file.js";
import { ChatScene, hear, messageId, personId } from "../../../chat-scene.js";
import { randomBytes } from "../../../files-scene.js";

let scene: ChatScene;

beforeEach(async () => {
  scene = await ChatScene.open();
  scene.isHurried = true;
});

afterEach(async () => {
  await scene.close();
  expect(scene.errors).toEqual([]);
});

const room = privateRoom(personId("Ada"), personId("Bob"));

function attach(client: ShowcaseClient, number: number, file: File, where = "lobby") {
  const meta = { room: where, id: messageId(number) };
  return sendFile({ client, stream: "chat.attach", file, meta }, () => {});
}

const say = (client: ShowcaseClient, number: number, where = "lobby") =>
  client.request("chat.say-file", { room: where, id: messageId(number) });

/** Sends a file and says it. */
async function tell(client: ShowcaseClient, number: number, file: File, where?: string) {
  const sha256 = await attach(client, number, file, where).result;
  await say(client, number, where);
  return sha256;
}

function fetchIt(client: ShowcaseClient, said: Said, where = said.room) {
  const { file = "", size = 0 } = said.attachment ?? {};
  const data = { room: where, file };
  return fetchFile({ client, stream: "chat.fetch", data, size }, () => {}).result;
}

/** What comes instead of the file that was announced. */
async function* pieces(bytes = 0): AsyncGenerator<Uint8Array> {
  if (bytes > 0) yield randomBytes(bytes);
}

const fileOf = (name: string, bytes: Uint8Array<ArrayBuffer>) => new File([bytes], name);

describe("a file in a room", () => {
  test("is said once it is there, and arrives identical", async () => {
    const [ada, bob] = [await scene.enter("Ada"), await scene.enter("Bob")];
    const heard = hear(bob);
    const bytes = randomBytes(300_000);
    const sha256 = await tell(ada, 1, fileOf("../a\u202eb.png", bytes));
    await expect.poll(() => heard.length).toBe(1);
    expect(heard[0]).toMatchObject({
      id: messageId(1),
      text: "",
      attachment: { name: "ab.png", size: 300_000, sha256 },
    });
    const { blob } = await fetchIt(bob, heard[0]!);
    expect(Buffer.from(await blob.arrayBuffer()).equals(bytes)).toBe(true);
  });

  test("an empty one too", async () => {
    const ada = await scene.enter("Ada");
    const heard = hear(ada);
    await tell(ada, 1, fileOf("empty", new Uint8Array()));
    await expect.poll(() => heard.length).toBe(1);
    expect((await fetchIt(ada, heard[0]!)).blob.size).toBe(0);
  });

  test("the line is cut while it is sent: it goes on, and is said once", async () => {
    const [ada, bob] = [await scene.enter("Ada"), await scene.enter("Bob")];
    const heard = hear(bob);
    const bytes = randomBytes(3_000_000);
    const meta = { room: "lobby", id: messageId(1) };
    const file = fileOf("long.bin", bytes);
    let isCut = false;
    const cut = async () => {
      await scene.unplug();
      await scene.plug();
    };
    let cutting: Promise<void> | undefined;
    const sending = sendFile({ client: ada, stream: "chat.attach", file, meta }, (sent) => {
      if (isCut || sent < 500_000) return;
      isCut = true;
      cutting = cut();
    });
    await sending.result;
    await cutting;
    await say(ada, 1);
    expect(isCut).toBe(true);
    await expect.poll(() => heard.length).toBe(1);
    const { blob } = await fetchIt(bob, heard[0]!);
    expect(Buffer.from(await blob.arrayBuffer()).equals(bytes)).toBe(true);
  });

  test("one that is cancelled leaves nothing, with nobody", async () => {
    const [ada, bob] = [await scene.enter("Ada"), await scene.enter("Bob")];
    const heard = hear(bob);
    const meta = { room: "lobby", id: messageId(1) };
    const file = fileOf("long.bin", randomBytes(3_000_000));
    const sending = sendFile({ client: ada, stream: "chat.attach", file, meta }, (sent) => {
      if (sent > 0) sending.cancel();
    });
    await expect(sending.result).rejects.toMatchObject({ code: "cancelled" });
    await tell(ada, 2, fileOf("after", randomBytes(10)));
    await expect.poll(() => heard.map(({ id }) => id)).toEqual([messageId(2)]);
  });
});

describe("between arriving and being said", () => {
  test("nobody hears of it, and what is dropped cannot be said or fetched", async () => {
    const [ada, bob] = [await scene.enter("Ada"), await scene.enter("Bob")];
    const heard = hear(bob);
    await attach(ada, 1, fileOf("dropped", randomBytes(10))).result;
    ada.emit("chat.drop-file", { room: "lobby", id: messageId(1) });
    await expect(say(ada, 1)).rejects.toMatchObject({ code: "missing" });
    await tell(ada, 2, fileOf("kept", randomBytes(10)));
    await expect.poll(() => heard.map(({ id }) => id)).toEqual([messageId(2)]);
    // What was said is not dropped.
    ada.emit("chat.drop-file", { room: "lobby", id: messageId(2) });
    expect((await fetchIt(ada, heard[0]!)).blob.size).toBe(10);
  });

  test("one may be asked again whether it was said; nobody hears it twice", async () => {
    const [ada, bob] = [await scene.enter("Ada"), await scene.enter("Bob")];
    const heard = hear(bob);
    await attach(ada, 1, fileOf("one", randomBytes(10))).result;
    expect(await say(ada, 1)).toEqual(await say(ada, 1));
    await tell(ada, 2, fileOf("two", randomBytes(10)));
    await expect.poll(() => heard.map(({ id }) => id)).toEqual([messageId(1), messageId(2)]);
  });

  test("only its sender can say it, and only where it was sent", async () => {
    const [ada, bob] = [await scene.enter("Ada"), await scene.enter("Bob")];
    await ada.request("chat.join", { room: "tea", name: "Ada" });
    await attach(ada, 1, fileOf("one", randomBytes(10))).result;
    await expect(say(bob, 1)).rejects.toMatchObject({ code: "missing" });
    await expect(say(ada, 1, "tea")).rejects.toMatchObject({ code: "missing" });
    bob.emit("chat.drop-file", { room: "lobby", id: messageId(1) });
    await bob.request("chat.rename", { name: "Bob" });
    expect((await say(ada, 1)).attachment?.name).toBe("one");
  });

  test.each([
    ["leaves the room", (client: ShowcaseClient) => client.emit("chat.leave", { room: "lobby" })],
    ["goes", (client: ShowcaseClient) => client.close()],
  ])("who %s takes along what was not said", async (_, go) => {
    const ada = await scene.enter("Ada");
    for (let number = 0; number < attachmentsPerPersonMax; number += 1) {
      await attach(ada, number, fileOf(`${number}`, randomBytes(10))).result;
    }
    const again = await scene.enter("Ada");
    const more = () => attach(again, 99, fileOf("more", randomBytes(10))).result;
    await expect(more()).rejects.toMatchObject({ code: "too-many-files" });
    go(ada);
    await expect.poll(() => more().catch(() => "not yet")).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("rights", () => {
  test("of a private conversation: the two, and nobody who knows its name and the file's", async () => {
    const [ada, bob] = [await scene.enter("Ada", room), await scene.enter("Bob", room)];
    const eve = await scene.enter("Eve");
    const heard = hear(bob);
    await tell(ada, 1, fileOf("secret", randomBytes(10)), room);
    await expect.poll(() => heard.length).toBe(1);
    const said = heard[0]!;
    expect((await fetchIt(bob, said)).blob.size).toBe(10);
    await expect(fetchIt(eve, said)).rejects.toMatchObject({ code: "not-in-room" });
    await expect(fetchIt(eve, said, "lobby")).rejects.toMatchObject({ code: "gone" });
    await expect(attach(eve, 2, fileOf("x", randomBytes(1)), room).result).rejects.toMatchObject({
      code: "not-in-room",
    });
    // Nor by the streams of the files page.
    const careless = scene.connectCareless("Eve");
    const stolen = careless.download("files.get", { id: said.attachment?.file }, { size: 10 });
    await expect(stolen.result).rejects.toThrow();
  });

  test("who leaves while sending has not said it", async () => {
    const [ada, bob] = [await scene.enter("Ada"), await scene.enter("Bob")];
    const heard = hear(bob);
    const meta = { room: "lobby", id: messageId(1) };
    const file = fileOf("long.bin", randomBytes(2_000_000));
    const sending = sendFile({ client: ada, stream: "chat.attach", file, meta }, (sent) => {
      if (sent > 0) ada.emit("chat.leave", { room: "lobby" });
    });
    await expect(sending.result).rejects.toMatchObject({ code: "not-in-room" });
    expect(heard).toEqual([]);
  });

  test("the same message is not taken twice", async () => {
    const ada = await scene.enter("Ada");
    await tell(ada, 1, fileOf("one", randomBytes(10)));
    await expect(attach(ada, 1, fileOf("two", randomBytes(10))).result).rejects.toMatchObject({
      code: "invalid",
      message: "This message was said already.",
    });
  });
});

describe("limits", () => {
  test("the size, at the bound and beyond it, before a byte is taken", async () => {
    const careless = scene.connectCareless("Ada");
    await careless.request("chat.join", { room: "lobby", name: "Ada" });
    const open = (size: number) =>
      careless.upload("chat.attach", pieces(), {
        name: "big.iso",
        size,
        meta: { room: "lobby", id: messageId(size) },
      });
    await expect(open(attachmentBytesMax + 1)).rejects.toMatchObject({
      code: "too-large",
      message: "“big.iso” has 26,214,401 bytes; the limit per file is 26,214,400 bytes.",
    });
    // It is taken, and then is not what was announced.
    await expect(open(attachmentBytesMax)).rejects.toMatchObject({
      message: `The file ended after 0 of ${attachmentBytesMax} bytes.`,
    });
  });

  test("more bytes than announced are refused, and nothing is said", async () => {
    const careless = scene.connectCareless("Ada");
    await careless.request("chat.join", { room: "lobby", name: "Ada" });
    const meta = { room: "lobby", id: messageId(1) };
    const sent = careless.upload("chat.attach", pieces(20), { name: "x", size: 10, meta });
    await expect(sent).rejects.toThrow();
    const bob = scene.connect("Bob");
    const { said } = await bob.request("chat.join", { room: "lobby", name: "Bob" });
    expect(said).toEqual([]);
  });

  test("files of one person, until one has gone", async () => {
    const ada = await scene.enter("Ada");
    for (let number = 0; number < attachmentsPerPersonMax; number += 1) {
      await attach(ada, number, fileOf(`${number}`, randomBytes(10))).result;
    }
    const more = () => attach(ada, 99, fileOf("more", randomBytes(10))).result;
    await expect(more()).rejects.toMatchObject({ code: "too-many-files" });
    scene.laterMs = 3_600_000;
    scene.store.sweep();
    await more();
  });

  test("files at once", async () => {
    const ada = await scene.enter("Ada");
    const large = Array.from({ length: uploadsMax + 1 }, (_, number) => {
      const file = fileOf(`${number}`, randomBytes(1_000_000));
      return attach(ada, number, file).result.catch((error: unknown) => error);
    });
    const outcomes = await Promise.all(large);
    expect(outcomes.filter((outcome) => typeof outcome === "string")).toHaveLength(uploadsMax);
    expect(outcomes.at(-1)).toMatchObject({ code: "busy" });
  });
});

describe("the end of a file", () => {
  test("after its time it is gone, and says so", async () => {
    const ada = await scene.enter("Ada");
    const heard = hear(ada);
    await tell(ada, 1, fileOf("one", randomBytes(10)));
    await expect.poll(() => heard.length).toBe(1);
    scene.laterMs = 3_600_000;
    scene.store.sweep();
    await expect(fetchIt(ada, heard[0]!)).rejects.toMatchObject({
      code: "gone",
      message: "This file is not kept any more: files go with the messages, after an hour.",
    });
  });

  test("it goes with its message, when there are more than are kept", async () => {
    const ada = await scene.enter("Ada");
    const heard = hear(ada);
    await tell(ada, 1, fileOf("one", randomBytes(10)));
    const talk = async (count: number) => {
      for (let number = 0; number < count; number += 1) {
        const id = messageId(1_000 + heard.length + number);
        await ada.request("chat.say", { id, room: "lobby", text: "x" });
      }
    };
    await talk(historyLengthMax - 1);
    expect((await fetchIt(ada, heard[0]!)).blob.size).toBe(10);
    await talk(1);
    await expect(fetchIt(ada, heard[0]!)).rejects.toMatchObject({ code: "gone" });
  });
});
