import { FEATURE_OPTIONS } from '../../core/kernel.ts';
import { shellWord } from '../../core/shell-word.ts';
import { type AgentDescription, describeAgent, listAgents } from '../../index.ts';
import { cancelOnSignals } from '../cancel.ts';
import type { CommandContext } from '../command-context.ts';
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
    const all = await listAgents();
    await (json ? printJson(all) : print(textTable(all.map(({ name, summary }) => [name, summary]))));
    return 0;
  }
  const word = parsed.args[0] as string;
  const controller = new AbortController();
  using _signals = cancelOnSignals(controller, () => process.exit(130));
  const agent = await describeAgent(word, { cwd: context.cwd, signal: controller.signal });
  const { ownFlags: _own, ...manifest } = agent;
  await (json ? printJson(manifest) : print(agentText(agent, word)));
  return 0;
}

function agentText(agent: AgentDescription, word: string): string {
  const { name, summary, description, requires, ownFlags: own } = agent;
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
