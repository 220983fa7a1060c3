// The bounds of the inspector, known to both ends so that the page can tell what was left out.

/** Bytes of a payload that are shown. A frame may have a megabyte; a person reads the beginning. */
export const payloadBytesMax = 4_096;

/** Characters of a handshake's request or response that are kept: browsers send about a thousand. */
export const headCharactersMax = 8_192;

/** Frames that the page keeps, and lists. */
export const framesMax = 500;

/** Characters that may be sent for a try: more than 65,535, so that the 64-bit length is seen. */
export const sayCharactersMax = 100_000;

/** Bytes that may be sent for a try. */
export const sayBytesMax = 65_536;

/** Messages each side puts on the dead line when it is cut, to be seen again afterwards. */
export const cutEntries = 3;
