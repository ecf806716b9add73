import { BASH_SCRIPT } from '../complete/bash.ts';
import { FISH_SCRIPT } from '../complete/fish.ts';
import { ZSH_SCRIPT } from '../complete/zsh.ts';
import { print } from './print.ts';

const SCRIPTS: Readonly<Record<string, string>> = { bash: BASH_SCRIPT, zsh: ZSH_SCRIPT, fish: FISH_SCRIPT };

/** Every script asks `devbox __complete`, so that what it offers is always what this devbox understands. */
export async function completion(shell: string): Promise<number> {
  await print(SCRIPTS[shell] ?? '');
  return 0;
}
