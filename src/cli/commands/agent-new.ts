import { relative, resolve } from 'node:path';
import { newPolicy } from '../../index.ts';
import type { CommandContext } from '../command-context.ts';
import { nextSteps } from '../next-steps.ts';
import { value } from '../parse/guest-options.ts';
import type { ParsedCommand } from '../parse/table.ts';
import { textTable } from '../text.ts';
import { print } from './print.ts';

export async function agentNew(parsed: ParsedCommand, { cwd }: CommandContext): Promise<number> {
  const dir = resolve(cwd, value(parsed, 'dir') ?? '.');
  const made = await newPolicy(parsed.args[0] as string, dir);
  const at = relative(cwd, dir);
  const path = (name: string) => (at === '' ? name : `${at}/${name}`);
  const lines = [
    ...made.written.map((name) => [`wrote ${path(name)}`]),
    ...made.kept.map((name) => [`kept ${path(name)}, which was there`]),
  ];
  await print(`${textTable(lines)}\nNext:\n${textTable(nextSteps(made, cwd), '  ')}`);
  return 0;
}
