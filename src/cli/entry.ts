import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import type { CommandContext } from './command-context.ts';
import { createOutput } from './output.ts';
import { parseWords, usage } from './parse/parse-words.ts';
import type { ParsedCommand } from './parse/table.ts';
import { failureExitCode, failureText } from './print-failure.ts';
import { type ColorChoice, wantsColor } from './render/style.ts';

/** From the command line to the exit code. Never throws. */
export async function main(words: readonly string[]): Promise<number> {
  try {
    if (words.some((word) => word.includes('\ufffd'))) checkUtf8();
    const parsed = parseWords(words);
    return await dispatch(parsed, { words, cwd: process.cwd(), colorChoice: colorChoice(parsed) });
  } catch (caught) {
    const { explainFullDisk } = await import('../platform/full-disk.ts');
    const error = explainFullDisk(caught);
    const stderr = createOutput(process.stderr);
    const color = wantsColor('auto', stderr.isTty, process.env);
    await stderr.write(failureText(error, { color, debug: words.includes('--debug') }));
    await stderr.flush();
    return failureExitCode(error);
  }
}

/** Node replaces what is not UTF-8, and a changed name would name something else. */
function checkUtf8(): void {
  if (isUtf8(readFileSync('/proc/self/cmdline'))) return;
  throw usage(
    'not-utf8',
    'An argument is not valid UTF-8, so devbox cannot pass it on unchanged.',
    'Rename the file or directory, or reach it through a symbolic link whose name is UTF-8.',
  );
}

function colorChoice(parsed: ParsedCommand): ColorChoice {
  return (parsed.flags.get('color')?.[0] ?? 'auto') as ColorChoice;
}

/** Loads only what the command needs: `--version` and `--help` answer at once. */
async function dispatch(parsed: ParsedCommand, context: CommandContext): Promise<number> {
  if (parsed.flags.has('help')) return (await import('./commands/help.ts')).help(parsed.path);
  if (parsed.flags.has('version')) return (await import('./commands/version.ts')).version();
  const [command, subcommand] = parsed.path;
  switch (command) {
    case undefined:
      return (await import('./commands/help.ts')).help([]);
    case 'help':
      return (await import('./commands/help.ts')).help(parsed.args);
    case 'version':
      return (await import('./commands/version.ts')).version();
    case 'run':
      return (await import('./commands/run.ts')).run(parsed, context);
    case 'sim':
      return (await import('./commands/sim.ts')).sim(parsed, context);
    case 'exec':
      return (await import('./commands/exec.ts')).exec(parsed, context);
    case 'shell':
      return (await import('./commands/exec.ts')).shell(parsed, context);
    case 'test':
      return (await import('./commands/test.ts')).test(parsed, context);
    case 'agent':
      return (await import('./commands/agents.ts')).agents(subcommand, parsed, context);
    case 'workload':
      return (await import('./commands/workloads.ts')).workloads(parsed);
    case 'kernel':
      return (await import('./commands/kernels.ts')).kernels(subcommand, parsed, context);
    case 'runs':
      return (await import('./commands/runs.ts')).runs(subcommand, parsed, context);
    case 'ps':
      return (await import('./commands/ps.ts')).ps(parsed);
    case 'gc':
      return (await import('./commands/gc.ts')).gc(parsed);
    case 'doctor':
      return (await import('./commands/doctor.ts')).doctor(parsed, context);
    case 'setup':
      return (await import('./commands/setup.ts')).setup(parsed, context);
    case 'completion':
      return (await import('./commands/completion.ts')).completion(parsed.args[0] as string);
    case '__complete':
      return (await import('./commands/complete.ts')).complete(parsed.rest ?? [], context.cwd);
    default:
      throw new Error(`no code for the command "${command}"`);
  }
}
