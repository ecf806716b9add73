import type { AgentFlag } from '../../core/agent-flag.ts';

/** Takes the flags that are known out of a command line in which other flags, which are somebody else's, may stand between them. */
export function splitFlags(
  flags: readonly AgentFlag[],
  argv: readonly string[],
): { readonly ours: readonly string[]; readonly others: readonly string[] } {
  const ours: string[] = [];
  const others: string[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] as string;
    const [name = '', value] = word.replace(/^--/, '').split('=', 2);
    const to = word.startsWith('--') && flags.some((flag) => flag.name === name) ? ours : others;
    to.push(word);
    const next = argv[index + 1];
    if (word.startsWith('--') && value === undefined && next !== undefined) {
      to.push(next);
      index += 1;
    }
  }
  return { ours, others };
}
