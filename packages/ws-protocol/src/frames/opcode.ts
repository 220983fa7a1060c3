/** RFC 6455 §5.2 and §11.8: what a frame is. 0x3–0x7 and 0xB–0xF are reserved. */
export const Opcode = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

export type Opcode = (typeof Opcode)[keyof typeof Opcode];

/** RFC 6455 §5.5: control frames have the most significant bit of the opcode set. */
export function isControl(opcode: number): boolean {
  return (opcode & 0x8) !== 0;
}
