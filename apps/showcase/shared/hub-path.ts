/** Where the hub is, on the port of the page. */
export const hubPath = "/tidewire";
