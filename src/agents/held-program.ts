/**
 * A program that was started before a guest was frozen: in every clone it has all its modules loaded and waits on its standard
 * input to be told what it would have been started with.
 */

/** The first word of the command line of a program that is to be held. Blanks follow: room for the command line that it shows later. */
export const HELD_FLAG = '--held';
export const COMMAND_LINE_ROOM = ' '.repeat(1024);

/** What it reports when it waits. */
export const HELD_REPORT = { type: 'held' } as const;

/** What it is told, as JSON, up to the end of its standard input. */
export interface HeldOrder {
  /** The whole command line: program, script, words. */
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}
