import type { ColorChoice } from './render/style.ts';

/** What a command needs besides its words. */
export interface CommandContext {
  readonly words: readonly string[];
  readonly cwd: string;
  readonly colorChoice: ColorChoice;
}
