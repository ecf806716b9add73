import { type AgentFlag, Failure, flagsOfAgent } from '../../index.ts';
import type { Candidate, TypedAgent } from './candidates.ts';
import type { Names } from './names.ts';

/** Flags of an agent and what they may be, for what is typed after `--`; files for a program, which may take anything. */
export async function agentFlags(agent: TypedAgent, last: string, cwd: string): Promise<Names> {
  const flags = await flagsOf(agent, cwd);
  if (flags === undefined) return { names: [], files: 'file' };
  return { names: flagCandidates(flags, agent.words, last), files: 'none' };
}

/** `words` stand before the last one. */
export function flagCandidates(
  flags: readonly AgentFlag[],
  words: readonly string[],
  last: string,
): Candidate[] {
  const previous = words.at(-1) ?? '';
  const awaiting = previous.startsWith('--') && !previous.includes('=');
  if (awaiting) return choicesOf(flags, previous.slice(2), '');
  const equals = last.indexOf('=');
  if (equals !== -1) return choicesOf(flags, last.slice(2, equals), last.slice(0, equals + 1));
  const used = new Set(words.map((word) => word.split('=')[0]));
  return flags
    .filter(({ name }) => !used.has(`--${name}`))
    .map(({ name, summary }) => ({ value: `--${name}`, summary }));
}

function choicesOf(flags: readonly AgentFlag[], name: string, prefix: string): Candidate[] {
  const flag = flags.find((candidate) => candidate.name === name);
  if (flag?.kind !== 'choice') return [];
  return flag.choices.map((choice) => ({ value: `${prefix}${choice}`, summary: '' }));
}

async function flagsOf(
  { name, isSimulated }: TypedAgent,
  cwd: string,
): Promise<readonly AgentFlag[] | undefined> {
  try {
    return await flagsOfAgent(name, { cwd, isSimulated });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return []; // What is wrong is told when the line is run.
  }
}
