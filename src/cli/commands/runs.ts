import { runsDir } from '../../platform/paths.ts';
import { findRun } from '../../platform/record/find-run.ts';
import { runIds } from '../../platform/record/latest-link.ts';
import { type RunEntry, readRunEntry } from '../../platform/record/read-record.ts';
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
  const dir = runsDir(context.cwd);
  const json = parsed.flags.has('json');
  if (subcommand === 'list') {
    const entries = await Promise.all(runIds(dir).map((id) => readRunEntry(dir, id)));
    await (json ? printJson(entries.map(jsonEntry)) : print(runListText(entries)));
    return 0;
  }
  const id = findRun(dir, parsed.args[0] ?? 'latest');
  const entry = await readRunEntry(dir, id);
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
