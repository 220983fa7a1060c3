// Who we are here, and a way to be called something else.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Dialog } from "../../shell/dialog.js";
import { PencilIcon } from "../../shell/icons.js";
import type { ChatModel } from "./chat-model.js";
import { NameForm } from "./name-form.js";
import { Avatar } from "./person-name.js";

export function Me({ chat }: { chat: ChatModel }): JSX.Element {
  const isRenaming = useSignal(false);
  const me = chat.me.value;
  return (
    <>
      <div class="me">
        <Avatar person={me} />
        <button
          type="button"
          class="quiet"
          aria-label={`Your name is ${me.name}. Change it`}
          onClick={() => {
            isRenaming.value = true;
          }}
        >
          <bdi>{me.name}</bdi>
          <PencilIcon />
        </button>
      </div>
      {isRenaming.value && (
        <Dialog
          title="Change your name"
          onClose={() => {
            isRenaming.value = false;
          }}
        >
          {(close) => (
            <NameForm
              name={me.name}
              action="Save"
              onName={(name) => {
                chat.rename(name);
                close();
              }}
            />
          )}
        </Dialog>
      )}
    </>
  );
}
