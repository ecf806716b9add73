import type { KeptGuest, ListedTest, SuiteOptions } from '../../index.ts';
import * as devbox from '../../index.ts';
import type { CommandContext } from '../command-context.ts';
import { guestOptions, shownBy } from '../parse/guest-options.ts';
import type { ParsedCommand } from '../parse/table.ts';
import { parseReporters, testChoice } from '../parse/test-request.ts';
import { textTable } from '../text.ts';
import { print, printJson } from './print.ts';

export async function test(parsed: ParsedCommand, context: CommandContext): Promise<number> {
  const reporters = parseReporters(parsed.flags.get('reporter'));
  const options = suiteOptions(parsed);
  if (parsed.flags.has('list')) return list(options, parsed.flags.has('json'), context.cwd);

  const shown = shownBy(parsed);
  const [{ keepGuest }, { showRun }, { setUpHost }, { openReports }] = await Promise.all([
    import('../keep-guest.ts'),
    import('../session.ts'),
    import('../set-up-host.ts'),
    import('../test-reports.ts'),
  ]);
  const reports = openReports(reporters, context.cwd);
  let kept: KeptGuest | undefined;
  const code = await showRun(
    { useCase: 'test', ...shown, context, ...(reports.onStdout && { outputIsTaken: true as const }) },
    async (around) => {
      const outcome = await devbox.runSuite({
        ...{ ...options, ...around, ...setUpHost(around.signal) },
        onResult: reports.write,
      });
      kept = outcome.kept;
      return outcome;
    },
  );
  await reports.annotate();
  if (kept) await keepGuest(kept);
  return code;
}

/** What the words say of tests and of guests. */
function suiteOptions(parsed: ParsedCommand): SuiteOptions {
  // In these, lists stand for places of a matrix.
  const matrix = ['smp', 'kernel', 'timeout'];
  const flags = new Map([...parsed.flags].filter(([name]) => !matrix.includes(name)));
  const { kernel: _kernel, smp: _smp, ...guest } = guestOptions({ ...parsed, flags });
  return {
    ...guest,
    ...testChoice(parsed),
    ...{ bail: parsed.flags.has('bail'), keep: parsed.flags.has('keep') },
  };
}

async function list(options: SuiteOptions, json: boolean, cwd: string): Promise<number> {
  const { withProgress } = await import('./with-progress.ts');
  const tests = await withProgress((around) => devbox.listTests({ ...options, ...around, cwd }));
  await (json
    ? printJson(tests.map(listed))
    : print(textTable(tests.map((test) => Object.values(listed(test))))));
  return 0;
}

function listed({ file, kernel, smp, agent, expect }: ListedTest) {
  return {
    ...{ file, kernel, smp: `smp ${smp}` },
    agent: agent.length > 0 ? agent.join(' ') : 'no agent',
    expect,
  };
}
