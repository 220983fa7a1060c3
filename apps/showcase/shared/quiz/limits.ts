// What both ends must agree on: the page tells these while one types, the server enforces them. What
// only the server needs to know is in server/pages/quiz/limits.ts.

/** Longest nickname, in UTF-16 units: it must fit on a podium and in a line of a phone. */
export const nicknameLengthMax = 20;

/** Longest title of a question set, in UTF-16 units: a line of a projector. */
export const titleLengthMax = 80;

/** Longest text of a question, in UTF-16 units: what one can read within the time to read. */
export const questionLengthMax = 200;

/** Longest text of an answer, in UTF-16 units: three lines on the button of a phone. */
export const answerLengthMax = 90;

/** Answers of one question. Four have a shape, a colour and a letter each. */
export const answersMin = 2;
export const answersMax = 4;

/** Questions in one set: an hour of quiz. */
export const questionsMax = 50;

/** Seconds for an answer: less is a test of the network, more a test of patience. */
export const secondsMin = 5;
export const secondsMax = 120;
export const secondsDefault = 20;

/** Seconds in which a question is read and cannot be answered; they also even out slow networks. */
export const readSecondsMin = 1;
export const readSecondsMax = 15;
export const readSecondsDefault = 3;

/** Bytes of a file with a question set: fifty of the longest questions, with room for white space. */
export const setFileBytesMax = 262_144;

/** Digits of a join code: short enough to be called out. */
export const codeLength = 6;

/** Entries of one page of the scoreboard: about 50 KiB. */
export const scoresPageMax = 500;
