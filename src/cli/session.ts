import type { DevboxEvent } from '../core/event.ts';
import type { EventSink } from '../core/event-bus.ts';
import { EXIT_BUG, VERDICT_EXIT_CODES } from '../core/verdict.ts';
import type { OpenRun, Outcome, RunContext, UserTerminal } from '../index.ts';
import { cancelledFailure, cancelOnSignals } from './cancel.ts';
import type { CommandContext } from './command-context.ts';
import { failureExitCode, failureText } from './print-failure.ts';
import { chooseRenderer, type RenderOptions, standardOutputs } from './render/choose.ts';
import { wantsColor } from './render/style.ts';
import { openUserTerminal } from './user-terminal.ts';

/** How a run is shown. */
export interface Showing {
  readonly useCase: RenderOptions['useCase'];
  readonly json: boolean;
  readonly quiet: boolean;
  readonly debug: boolean;
  readonly context: CommandContext;
  /** Standard output belongs to somebody else: what is shown goes to standard error. */
  readonly outputIsTaken?: true;
}

/** What a run is given by who shows it. */
export interface Shown extends Required<Omit<RunContext, 'setUp'>> {
  readonly cwd: string;
  readonly terminal: UserTerminal;
}

/** Shows a run of the library from its first event to its last: renderer, signals, exit code, which it resolves with. */
export async function showRun(
  { useCase, json, quiet, debug, context, outputIsTaken }: Showing,
  perform: (shown: Shown) => Promise<Outcome>,
): Promise<number> {
  const { words: command, cwd, colorChoice } = context;
  const controller = new AbortController();
  const outputs = standardOutputs(() => {
    controller.abort(cancelledFailure('Cancelled: nobody reads the output any more.'));
  });
  const renderer = await chooseRenderer(
    { useCase, json, quiet, colorChoice, rawOnTerminal: useCase === 'shell' },
    outputIsTaken ? { ...outputs, stdout: outputs.stderr } : outputs,
  );
  using terminal = openUserTerminal();
  let run: OpenRun | undefined;

  const report = (error: unknown) => {
    const color = wantsColor(colorChoice, outputs.stderr.isTty, process.env);
    return outputs.stderr.write(failureText(error, { color, debug }));
  };
  // Both of these end devbox at once; its children die with it.
  const crash = (error: unknown) => {
    terminal[Symbol.dispose]();
    void report(run ? run.crash(error) : error);
    process.exit(EXIT_BUG);
  };
  const kill = () => {
    terminal[Symbol.dispose]();
    run?.abandon(cancelledFailure('Killed by a second signal before everything was put away.'));
    process.exit(VERDICT_EXIT_CODES.cancelled);
  };
  process.once('uncaughtException', crash);
  process.once('unhandledRejection', crash);
  using _signals = cancelOnSignals(controller, kill);

  try {
    const { exitCode } = await perform({
      ...{ command, cwd, terminal, signal: controller.signal },
      onEvent: afterFirstNews(renderer.sink),
      onOpen: (opened) => {
        run = opened;
      },
    });
    terminal[Symbol.dispose]();
    await renderer.finish();
    return exitCode;
  } catch (error) {
    terminal[Symbol.dispose]();
    await renderer.finish();
    await report(error);
    return failureExitCode(error);
  } finally {
    await Promise.all([outputs.stdout.flush(), outputs.stderr.flush()]);
  }
}

/** Holds back that a run has started until something happens in it: one that is refused at once shows just the error. */
function afterFirstNews(sink: EventSink): EventSink {
  let held: DevboxEvent | undefined;
  return (event) => {
    if (event.type === 'run-started') {
      held = event;
      return;
    }
    const first = held;
    held = undefined;
    const waiting = first && sink(first);
    return waiting ? waiting.then(() => sink(event)) : sink(event);
  };
}
