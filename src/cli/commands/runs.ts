import { listRuns, type RunEntry, readRun } from '../../index.ts';
import type { CommandContext } from '../command-context.ts';
import type { ParsedCommand } from '../parse/table.ts';
import { replay } from '../replay.ts';
import { runListText, runShowText } from '../run-texts.ts';
import { print, printJson } from './print.ts';

export async function runs(
  subcommand: string | undefined,
  parsed: ParsedCommand,
  context: CommandContext,
): Promise<number> {
  const { cwd } = context;
  const json = parsed.flags.has('json');
  if (subcommand === 'list') {
    const entries = await listRuns({ cwd });
    await (json ? printJson(entries.map(jsonEntry)) : print(runListText(entries)));
    return 0;
  }
  const entry = await readRun(parsed.args[0] ?? 'latest', { cwd });
  if (subcommand === 'show') {
    await (json ? printJson(jsonEntry(entry)) : print(await runShowText(entry)));
    return 0;
  }
  return replay(entry, { json, quiet: parsed.flags.has('quiet'), colorChoice: context.colorChoice });
}

function jsonEntry({ id, dir, info, state }: RunEntry): unknown {
  return {
    id,
    record: dir,
    state: state.kind,
    startedAt: info?.startedAt,
    command: info?.command,
    ...(state.kind === 'finished' ? { result: state.result } : {}),
  };
}
