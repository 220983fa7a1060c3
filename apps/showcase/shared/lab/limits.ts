// What a visitor may ask of the lab. Both ends keep these.

/** Messages per second on each transport. More is a load test, which the lab is not. */
export const rateMax = 200;
/** Characters of text in a message: with 200 a second on five transports some 8 MB/s. */
export const sizeMax = 8_192;
/** Pause between two short polls, ms. */
export const pollIntervalMsMin = 100;
export const pollIntervalMsMax = 10_000;
/** Requests of the echo under way on one transport; what would be more is not sent, and counted. */
export const inFlightMax = 64;
/** How often the server tells its counts, ms. */
export const figuresMs = 500;
