import { findAgent, listAgents } from '../../agents/catalog.ts';
import type { AgentManifest } from '../../agents/manifest.ts';
import { ownFlags, policyManifest } from '../../agents/policy-manifest.ts';
import { FEATURE_OPTIONS } from '../../core/kernel.ts';
import { shellWord } from '../../core/shell-word.ts';
import type { CommandContext } from '../command-context.ts';
import { checkPolicyPath, parseAgent } from '../parse/agent-choice.ts';
import type { ParsedCommand } from '../parse/table.ts';
import { flagTable, textTable, wrapText } from '../text.ts';
import { print, printJson } from './print.ts';

export async function agents(
  subcommand: string | undefined,
  parsed: ParsedCommand,
  context: CommandContext,
): Promise<number> {
  if (subcommand === 'new') return (await import('./agent-new.ts')).agentNew(parsed, context);
  const json = parsed.flags.has('json');
  if (subcommand === 'list') {
    const all = listAgents();
    await (json ? printJson(all) : print(textTable(all.map(({ name, summary }) => [name, summary]))));
    return 0;
  }
  const word = parsed.args[0] as string;
  const agent = await find(word, context.cwd);
  await (json ? printJson(agent) : print(agentText(agent, word)));
  return 0;
}

/** One of ours, or what a policy's file says of itself. */
async function find(word: string, cwd: string): Promise<AgentManifest> {
  const choice = parseAgent(word, cwd);
  if (choice.kind === 'named') return findAgent(choice.name);
  checkPolicyPath(word, choice.path);
  const { describePolicy } = await import('../../app/policy/describe-policy.ts');
  return policyManifest(choice.path, await describePolicy(choice.path));
}

function agentText(agent: AgentManifest, word: string): string {
  const { name, summary, description, requires } = agent;
  const own = ownFlags(agent);
  const common = agent.flags.filter((flag) => !own.includes(flag));
  const options = requires.flatMap((feature) => FEATURE_OPTIONS[feature]);
  const sections = [
    `${name}: ${summary.replace(/\.$/, '')}.`,
    ...description.map((paragraph) => wrapText(paragraph)),
    ...(own.length > 0 ? [`Flags, after \`--\`:\n${flagTable(own).trimEnd()}`] : []),
    ...(common.length > 0 ? [`Flags of every policy:\n${flagTable(common).trimEnd()}`] : []),
    `Needs of the kernel: ${options.join(', ')}`,
    [
      `Run it: devbox run ${shellWord(word)}`,
      // What is written in BPF needs a kernel.
      ...(common.length > 0 ? [`Simulate it: devbox sim ${shellWord(word)}`] : []),
    ].join('\n'),
  ];
  return `${sections.join('\n\n')}\n`;
}
