import { constants } from 'node:os';
import { relative } from 'node:path';
import { inspect } from 'node:util';
import { failureVerdict, openSession, type SessionOptions } from '../app/session/session.ts';
import type { UseCase } from '../app/use-case.ts';
import type { DevboxEvent, ProcessExit } from '../core/event.ts';
import type { EventSink } from '../core/event-bus.ts';
import { Failure } from '../core/failure.ts';
import { EXIT_BUG, VERDICT_EXIT_CODES, type Verdict } from '../core/verdict.ts';
import { devboxVersion } from '../platform/version.ts';
import { cancelledFailure, cancelOnSignals } from './cancel.ts';
import { failureExitCode, failureText } from './print-failure.ts';
import { chooseRenderer, standardOutputs } from './render/choose.ts';
import { type ColorChoice, wantsColor } from './render/style.ts';
import { openUserTerminal } from './user-terminal.ts';

/** What a request says of how its session is shown. */
export interface ShownRequest {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly debug: boolean;
}

export interface ShownSessionOptions<Request extends ShownRequest> {
  readonly useCase: SessionOptions['useCase'];
  readonly request: Request;
  readonly perform: UseCase<Request>;
  /** As typed, without `devbox` itself. */
  readonly command: readonly string[];
  readonly cwd: string;
  readonly colorChoice: ColorChoice;
  /** Standard output belongs to somebody else: what is shown goes to standard error. */
  readonly outputIsTaken?: true;
}

/** Runs a use case from its first event to its last, on a terminal: renderer, signals, exit code, which it resolves with. */
export async function runSession<Request extends ShownRequest>(
  options: ShownSessionOptions<Request>,
): Promise<number> {
  const { useCase, request, command, cwd, colorChoice } = options;
  const controller = new AbortController();
  const outputs = standardOutputs(() => {
    controller.abort(cancelledFailure('Cancelled: nobody reads the output any more.'));
  });
  const renderer = await chooseRenderer(
    { useCase, json: request.json, quiet: request.quiet, colorChoice, rawOnTerminal: useCase === 'shell' },
    options.outputIsTaken ? { ...outputs, stdout: outputs.stderr } : outputs,
  );
  using terminal = openUserTerminal();
  const session = openSession({
    ...{ useCase, request, command, cwd, terminal, signal: controller.signal },
    sinks: [afterFirstNews(renderer.sink)],
    shownRecord: (dir) => relative(cwd, dir),
  });

  const finish = async (verdict: Verdict, exitCode: number) => {
    session.end(verdict, exitCode);
    await session.context.bus.drain();
    await renderer.finish();
    await Promise.all([outputs.stdout.flush(), outputs.stderr.flush()]);
    return exitCode;
  };
  const report = (error: unknown, crashLog?: string) => {
    const color = wantsColor(colorChoice, outputs.stderr.isTty, process.env);
    const details = crashLog === undefined ? {} : { crashLog };
    return outputs.stderr.write(failureText(error, { color, debug: request.debug, ...details }));
  };
  // Both of these end devbox at once; its children die with it.
  const crash = (error: unknown) => {
    terminal[Symbol.dispose]();
    void report(error, session.writeCrash(crashText(error)));
    session.end(bugVerdict(error), EXIT_BUG);
    process.exit(EXIT_BUG);
  };
  const kill = () => {
    terminal[Symbol.dispose]();
    const failure = cancelledFailure('Killed by a second signal before everything was put away.');
    session.end(failureVerdict(failure), VERDICT_EXIT_CODES.cancelled);
    process.exit(VERDICT_EXIT_CODES.cancelled);
  };
  process.once('uncaughtException', crash);
  process.once('unhandledRejection', crash);
  using _signals = cancelOnSignals(controller, kill);

  try {
    const verdict = await session.conclude(() => options.perform(request, session.context));
    terminal[Symbol.dispose]();
    return await finish(verdict, exitCodeOf(useCase, verdict, session.facts().exit));
  } catch (error) {
    terminal[Symbol.dispose]();
    await renderer.finish();
    if (error instanceof Failure) {
      await report(error);
      return failureExitCode(error);
    }
    await report(error, session.writeCrash(crashText(error)));
    return finish(bugVerdict(error), EXIT_BUG);
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

/** A passed-through command's exit code is devbox's own, as a shell would give it; any other verdict has its own code. */
function exitCodeOf(useCase: SessionOptions['useCase'], verdict: Verdict, exit?: ProcessExit): number {
  const isCommand = useCase === 'exec' || useCase === 'shell';
  const passedThrough = isCommand && (verdict.kind === 'passed' || verdict.kind === 'test-failed');
  if (!passedThrough || exit === undefined) return VERDICT_EXIT_CODES[verdict.kind];
  if (exit.signal === undefined) return exit.code ?? 0;
  return 128 + (constants.signals[exit.signal as NodeJS.Signals] ?? 0);
}

function bugVerdict(error: unknown): Verdict {
  const message = error instanceof Error ? error.message : String(error);
  return {
    kind: 'infrastructure-failed',
    summary: `This is a bug in devbox: ${message}`,
    evidence: [],
    findings: [],
    files: ['crash.log'],
  };
}

function crashText(error: unknown): string {
  return `devbox ${devboxVersion()}, Node ${process.versions.node}\n${inspect(error, { depth: 8 })}\n`;
}
