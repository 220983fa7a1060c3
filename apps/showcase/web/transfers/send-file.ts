// Sends a file by a stream of the hub, and hashes it on the way. Its bytes are read as the server takes
// them, so that memory stays flat whatever its size.
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { StreamName } from "@tidewire/session-protocol";
import * as v from "valibot";
import type { ShowcaseContract } from "../../shared/contract.js";
import type { ShowcaseClient } from "../session/session.js";
import { DigestError } from "./explain.js";
import type { Attempt } from "./file-transfer.js";

/** Bytes read at once: few enough not to be felt when they are hashed. */
const readBytes = 262_144;

const answerSchema = v.object({ sha256: v.string() });

export interface FileToSend {
  readonly client: ShowcaseClient;
  /** The stream that the server takes it by. */
  readonly stream: StreamName<ShowcaseContract>;
  readonly file: File;
  /** What the server's handler wants to know besides name, size and type. */
  readonly meta: unknown;
}

/**
 * The server compares the SHA-256, and so do we with what it says it has; it is the result. Rejects
 * with what `explainTransfer` explains.
 */
export function sendFile(
  { client, stream, file, meta }: FileToSend,
  tell: (bytes: number) => void,
): Attempt<string> {
  const hash = sha256.create();
  let digest = "";
  const upload = client.upload(stream, readPieces(file, hash), {
    name: file.name,
    size: file.size,
    type: file.type,
    meta,
    sha256: () => {
      digest = bytesToHex(hash.digest());
      return digest;
    },
    onProgress: ({ bytes }) => tell(bytes),
  });
  const result = upload.then((answer) => {
    const { sha256: theirs } = v.parse(answerSchema, answer);
    if (theirs === digest) return digest;
    throw new DigestError(`The server has other bytes than this file: ${theirs}, not ${digest}.`);
  });
  return {
    result,
    pause: () => upload.pause(),
    resume: () => upload.resume(),
    cancel: () => upload.cancel(),
  };
}

async function* readPieces(
  file: File,
  hash: { update(bytes: Uint8Array): unknown },
): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.size; at += readBytes) {
    const bytes = new Uint8Array(await file.slice(at, at + readBytes).arrayBuffer());
    hash.update(bytes);
    yield bytes;
  }
}
