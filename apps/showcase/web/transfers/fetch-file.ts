// Fetches a file by a stream of the hub, and hands it out only when it is what was sent: its SHA-256 is
// made here, from the bytes that arrived, and compared with the one that the server tells at the end.
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { ClientError } from "@tidewire/client";
import type { StreamName } from "@tidewire/session-protocol";
import * as v from "valibot";
import type { ShowcaseContract } from "../../shared/contract.js";
import type { ShowcaseClient } from "../session/session.js";
import { DigestError } from "./explain.js";
import type { Attempt } from "./file-transfer.js";

/** Bytes that are held as they came; browsers may move what is in a blob to the disk. */
const heldBytesMax = 4_194_304;
/** Whatever its sender called it: a browser that opens it by its address shall not run it. */
const blobType = "application/octet-stream";

const endSchema = v.object({ sha256: v.string() });

export interface FileToFetch {
  readonly client: ShowcaseClient;
  /** The stream that the server sends it by, and what is said when that is opened. */
  readonly stream: StreamName<ShowcaseContract>;
  readonly data: unknown;
  /** Bytes that are expected; more are not taken. */
  readonly size: number;
}

export interface FetchedFile {
  readonly blob: Blob;
  /** Hexadecimal; the same on both sides. */
  readonly sha256: string;
}

/** Rejects with what `explainTransfer` explains. */
export function fetchFile(
  { client, stream, data, size }: FileToFetch,
  tell: (bytes: number) => void,
): Attempt<FetchedFile> {
  const download = client.download(stream, data, { size });
  const collect = async (): Promise<FetchedFile> => {
    const hash = sha256.create();
    const blobs: Blob[] = [];
    let held: Uint8Array<ArrayBuffer>[] = [];
    let heldBytes = 0;
    for await (const bytes of download) {
      if (download.bytes > size) {
        throw new ClientError("invalid", `The file is longer than the ${size} bytes announced.`);
      }
      hash.update(bytes);
      // A copy: what came is a view on the message that carried it.
      held.push(new Uint8Array(bytes));
      heldBytes += bytes.length;
      if (heldBytes >= heldBytesMax) {
        blobs.push(new Blob(held));
        held = [];
        heldBytes = 0;
      }
      tell(download.bytes);
    }
    const { sha256: theirs } = v.parse(endSchema, await download.result);
    const digest = bytesToHex(hash.digest());
    if (theirs !== digest) {
      const reason = `What arrived is not what was sent: SHA-256 ${digest}, not ${theirs}.`;
      throw new DigestError(reason);
    }
    return { blob: new Blob([...blobs, ...held], { type: blobType }), sha256: digest };
  };
  return {
    result: collect(),
    pause: () => download.pause(),
    resume: () => download.resume(),
    cancel: () => download.cancel(),
  };
}
