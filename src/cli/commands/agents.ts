import { findAgent, listAgents } from '../../agents/catalog.ts';
import type { AgentManifest } from '../../agents/manifest.ts';
import { FEATURE_OPTIONS } from '../../core/kernel.ts';
import type { ParsedCommand } from '../parse/table.ts';
import { flagTable, textTable, wrapText } from '../text.ts';
import { print, printJson } from './print.ts';

export async function agents(subcommand: string | undefined, parsed: ParsedCommand): Promise<number> {
  const json = parsed.flags.has('json');
  if (subcommand === 'list') {
    const all = listAgents();
    await (json ? printJson(all) : print(textTable(all.map(({ name, summary }) => [name, summary]))));
    return 0;
  }
  const agent = findAgent(parsed.args[0] as string);
  await (json ? printJson(agent) : print(agentText(agent)));
  return 0;
}

function agentText({ name, summary, description, flags, requires }: AgentManifest): string {
  const options = requires.flatMap((feature) => FEATURE_OPTIONS[feature]);
  const sections = [
    `${name}: ${summary}.`,
    ...description.map((paragraph) => wrapText(paragraph)),
    ...(flags.length > 0 ? [`Flags, after \`--\`:\n${flagTable(flags).trimEnd()}`] : []),
    `Needs of the kernel: ${options.join(', ')}`,
    `Run it: devbox run ${name}`,
  ];
  return `${sections.join('\n\n')}\n`;
}
