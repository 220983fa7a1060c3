// Something to send, so that there is something to see.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { sayCharactersMax } from "../../../shared/wire/limits.js";
import type { WireModel } from "./wire-model.js";

const burst = 30;
const bigCharacters = 70_000;

export function SayBox({ wire, isHttp }: { wire: WireModel; isHttp: boolean }): JSX.Element {
  const text = useSignal("Hello, wire");
  const send = (event: Event): void => {
    event.preventDefault();
    wire.say({ text: text.value });
  };
  return (
    <form class="say" aria-label="Send something" onSubmit={send}>
      <div class="row">
        <input
          aria-label="Text to send"
          value={text.value}
          maxLength={sayCharactersMax}
          onInput={({ currentTarget }) => {
            text.value = currentTarget.value;
          }}
        />
        <button type="submit">Send</button>
      </div>
      <fieldset class="say-more" aria-label="Send something else">
        <button type="button" class="quiet" onClick={() => wire.say({ text: "x".repeat(300) })}>
          300 letters
        </button>
        <button
          type="button"
          class="quiet"
          onClick={() => wire.say({ text: "big ".repeat(bigCharacters / 4) })}
        >
          70,000 letters
        </button>
        <button
          type="button"
          class="quiet"
          onClick={() => wire.say({ bytes: Uint8Array.from({ length: 256 }, (_, at) => at) })}
        >
          256 bytes
        </button>
        <button
          type="button"
          class="quiet"
          onClick={() => {
            for (let number = 1; number <= burst; number += 1) {
              wire.say({ text: `${number} of ${burst}` });
            }
          }}
        >
          Burst of {burst}
        </button>
        <button
          type="button"
          class="quiet"
          title="The text above, over a connection of its own to an echo that takes permessage-deflate"
          onClick={() => void wire.sayCompressed(text.value).catch(() => {})}
        >
          Text, compressed
        </button>
        <button
          type="button"
          class="quiet"
          disabled={isHttp}
          title="Pages cannot send Ping frames: the server does"
          onClick={() => void wire.pingSocket()}
        >
          Ping frame
        </button>
        <button
          type="button"
          class="quiet"
          title="A packet of the session protocol, over any transport"
          onClick={() => wire.pingSession()}
        >
          Session ping
        </button>
      </fieldset>
    </form>
  );
}
