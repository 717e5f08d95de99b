/**
 * What can go wrong outside of this program and that a person can put right: a taken port, a folder that may not be
 * written, a node that does not start. The text is one clear sentence with what to do, and is all that people see;
 * every other error is a mistake of ours and comes with its stack.
 */
export class Trouble extends Error {
  override readonly name = 'Trouble';
}
