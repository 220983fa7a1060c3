// A link of the session, and what of it is known by now.
import type { EndItem, LinkItem } from "../../../shared/wire/contract.js";

export interface LinkView {
  readonly item: LinkItem;
  readonly end: EndItem | undefined;
}
