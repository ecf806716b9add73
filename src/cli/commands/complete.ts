import { agentFlags } from '../complete/agent-flags.ts';
import { candidates } from '../complete/candidates.ts';
import { namesFor } from '../complete/names.ts';
import { print } from './print.ts';

/**
 * For completion scripts: a line `VALUE<Tab>SUMMARY` for each candidate, then `:none`, `:file` or `:directory`: what the
 * shell should add by itself.
 */
export async function complete(words: readonly string[], cwd: string): Promise<number> {
  const { fixed, dynamic, prefix, agent } = candidates(words);
  const { names, files } = agent
    ? await agentFlags(agent, words.at(-1) ?? '', cwd)
    : await namesFor(dynamic, cwd);
  const last = words.at(-1) ?? '';
  const lines = [...fixed, ...names]
    .map(({ value, summary }) => ({ value: `${prefix}${value}`, summary }))
    .filter(({ value }) => value.startsWith(last))
    .map(({ value, summary }) => `${value}\t${summary}\n`);
  await print(`${lines.join('')}:${files}\n`);
  return 0;
}
