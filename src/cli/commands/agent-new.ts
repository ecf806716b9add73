import { relative, resolve } from 'node:path';
import { newPolicy, nextSteps } from '../../app/new-policy/new-policy.ts';
import type { CommandContext } from '../command-context.ts';
import { value } from '../parse/requests.ts';
import type { ParsedCommand } from '../parse/table.ts';
import { textTable } from '../text.ts';
import { print } from './print.ts';

export async function agentNew(parsed: ParsedCommand, { cwd }: CommandContext): Promise<number> {
  const dir = resolve(cwd, value(parsed, 'dir') ?? '.');
  const made = newPolicy(parsed.args[0] as string, dir);
  const at = relative(cwd, dir);
  const path = (name: string) => (at === '' ? name : `${at}/${name}`);
  const lines = [
    ...made.written.map((name) => [`wrote ${path(name)}`]),
    ...made.kept.map((name) => [`kept ${path(name)}, which was there`]),
  ];
  await print(`${textTable(lines)}\nNext:\n${textTable(nextSteps(made, cwd), '  ')}`);
  return 0;
}
