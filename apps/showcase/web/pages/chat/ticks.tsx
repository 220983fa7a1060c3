// What has become of a message of ours: one tick, two, or two on a filled ground. A press tells who.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { MessageReach, Person, Receipt } from "../../../shared/chat/contract.js";
import { explain } from "../../session/explain.js";
import { Dialog } from "../../shell/dialog.js";
import type { ChatModel } from "./chat-model.js";
import { TickIcon, TwoTicksIcon } from "./icons.js";
import { Avatar, PersonName } from "./person-name.js";
import type { RoomModel } from "./room-model.js";
import "./ticks.css";

interface TicksProps {
  readonly chat: ChatModel;
  readonly room: RoomModel;
  /** Of the message. */
  readonly id: string;
}

export function Ticks({ chat, room, id }: TicksProps): JSX.Element {
  const isOpen = useSignal(false);
  const receipt = room.receipts.value.get(id);
  const fate = receipt?.fate ?? "sent";
  const words = describe(receipt);
  return (
    <>
      {/* Out of the row of tabs, which would have one per message: the list's arrow keys lead here. */}
      <button
        type="button"
        class="ticks"
        data-fate={fate}
        tabIndex={-1}
        title={words}
        aria-label={`${words}. Who?`}
        onClick={() => {
          isOpen.value = true;
        }}
      >
        {fate === "sent" ? <TickIcon /> : <TwoTicksIcon />}
      </button>
      {isOpen.value && (
        <Dialog
          title="Who has your message"
          class="reach"
          onClose={() => {
            isOpen.value = false;
          }}
        >
          {() => <Reach chat={chat} room={room} id={id} receipt={receipt} />}
        </Dialog>
      )}
    </>
  );
}

function Reach({
  chat,
  room,
  id,
  receipt,
}: TicksProps & { receipt: Receipt | undefined }): JSX.Element {
  const reach = useSignal<MessageReach | undefined>(undefined);
  const problem = useSignal("");
  // Asked again when it is news: the dialog may stay open.
  useEffect(() => {
    chat.reachOf(id).then(
      (answer) => {
        reach.value = answer;
        problem.value = "";
      },
      (error: unknown) => {
        problem.value = explain(error);
      },
    );
  }, [receipt]);
  const known = reach.value;
  return (
    <>
      <p>{describe(known ? { fate: receipt?.fate ?? "sent", ...known } : receipt)}.</p>
      {problem.value !== "" && <p class="faint">{problem.value}</p>}
      {known && (
        <>
          <People title="Read by" count={known.read} people={known.readBy} room={room} />
          <People
            title="Delivered to"
            count={known.delivered - known.read}
            people={known.deliveredTo}
            room={room}
          />
          <People
            title="Not yet there"
            count={known.of - known.delivered}
            people={known.waitingFor}
            room={room}
          />
        </>
      )}
    </>
  );
}

interface PeopleProps {
  readonly title: string;
  readonly count: number;
  /** The first of them. */
  readonly people: readonly Person[];
  readonly room: RoomModel;
}

function People({ title, count, people, room }: PeopleProps): JSX.Element | null {
  if (count <= 0) return null;
  const more = count - people.length;
  const shown = people.map(({ id, name }) => ({ id, name: name || nameOf(room, id) }));
  return (
    <section>
      <h3>
        {title} <span class="count">{count}</span>
      </h3>
      <ul class="reached">
        {shown.map((person) => (
          <li key={person.id}>
            <Avatar person={person} />
            <PersonName person={person} sharedNames={room.sharedNames.value} />
          </li>
        ))}
        {more > 0 && <li>and {more} more</li>}
      </ul>
    </section>
  );
}

function nameOf(room: RoomModel, id: string): string {
  const { value: other } = room.other;
  return other?.id === id ? other.name : `Somebody #${id.slice(0, 4)}`;
}

/** `Read by all 4`, `Delivered to 3 of 4, read by 1`. */
function describe(receipt: Omit<Receipt, "id"> | undefined): string {
  if (receipt === undefined) return "Sent";
  const { of, delivered, read, fate } = receipt;
  if (of === 0) return "Sent. Nobody else was here";
  if (of === 1) return { sent: "Sent", delivered: "Delivered", read: "Read" }[fate];
  if (read === of) return `Read by all ${of}`;
  if (delivered === 0) return `Sent to ${of} people`;
  const there = delivered === of ? `Delivered to all ${of}` : `Delivered to ${delivered} of ${of}`;
  return read === 0 ? there : `${there}, read by ${read}`;
}
