/**
 * Focuses the field that a page begins with, unless the person is elsewhere by now: a page arrives
 * over the network, and must not take the keyboard from who went on to something in the header
 * meanwhile. (What led to the page counts as nowhere else.)
 *
 * @returns Whether the field has the focus
 */
export function offerFocus(field: HTMLElement | null): boolean {
  const held = document.activeElement;
  const isLed = held?.matches('[aria-current="page"], .menu-button');
  if (field === null || (!isLed && held?.closest(".shell-header"))) return false;
  field.focus();
  return true;
}
