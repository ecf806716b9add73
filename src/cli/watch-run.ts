import { relative } from 'node:path';
import { VERDICT_EXIT_CODES } from '../core/verdict.ts';
import { watchAgent } from '../index.ts';
import { type Child, startChild } from '../platform/child.ts';
import { cancelOnSignals } from './cancel.ts';
import type { CommandContext } from './command-context.ts';
import { createOutput } from './output.ts';

/** Asks a run to end because there is a newer one to begin: see `cancelOnSignals`. */
const SUPERSEDED = 'SIGUSR2';
const CLEAR_SCREEN = '\x1b[H\x1b[2J\x1b[3J';

/**
 * `devbox run --watch`: a run, and another one whenever the agent's file, or what it imports, is saved; a save while one
 * goes on ends that one first. Every run is a devbox of its own, with its own record and verdict. Resolves when the user
 * ends it.
 */
export async function watchRun(
  agent: string,
  { json, quiet, context }: { json: boolean; quiet: boolean; context: CommandContext },
): Promise<number> {
  const { words, cwd } = context;
  const stdout = createOutput(process.stdout);
  const stderr = createOutput(process.stderr);
  const ended = new AbortController();
  let run: Child | undefined;
  const signalRun = (signal: NodeJS.Signals) => {
    if (run) send(run.pid, signal);
  };
  // The terminal's Ctrl-C does not reach a run, which has a process group of its own.
  using _signals = cancelOnSignals(ended, () => signalRun('SIGINT'));
  ended.signal.addEventListener('abort', () => signalRun('SIGINT'));
  let isStale = false;
  let saved = Promise.withResolvers<void>();
  using watch = await watchAgent(agent, {
    cwd,
    onSave: () => {
      isStale = true;
      saved.resolve();
      signalRun(SUPERSEDED);
    },
  });
  const userEnds = new Promise<void>((resolve) => {
    ended.signal.addEventListener('abort', () => resolve(), { once: true });
  });

  while (!ended.signal.aborted) {
    isStale = false;
    saved = Promise.withResolvers();
    if (stdout.isTty && !json) await stdout.write(CLEAR_SCREEN);
    run = await startRun(words);
    // What came while it was starting did not reach it.
    if (ended.signal.aborted) signalRun('SIGINT');
    else if (isStale) signalRun(SUPERSEDED);
    await run.exited;
    run = undefined;
    if (ended.signal.aborted) break;
    if (!quiet && !isStale) await stderr.write(waitingText(relative(cwd, watch.file), watch.imports()));
    await Promise.race([saved.promise, userEnds]);
  }
  await Promise.all([stdout.flush(), stderr.flush()]);
  return VERDICT_EXIT_CODES.cancelled;
}

function startRun(words: readonly string[]): Promise<Child> {
  const end = words.indexOf('--');
  const kept = words.filter((word, index) => word !== '--watch' || (end !== -1 && index > end));
  return startChild({
    argv: [process.execPath, ...process.execArgv, process.argv[1] as string, ...kept],
    ...{ stdin: 'ignore', stdout: 1, stderr: 2 },
  });
}

function waitingText(file: string, others: number): string {
  const more = others === 0 ? '' : ` and ${others} file${others === 1 ? '' : 's'} that it imports`;
  return `devbox: waiting for a save of ${file}${more}; Ctrl-C ends this.\n`;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended in this moment.
  }
}
