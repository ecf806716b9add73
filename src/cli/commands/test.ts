import type { PlannedTest, TestFilters } from '../../app/test/plan-tests.ts';
import type { TestSuite } from '../../app/test/suite.ts';
import type { CommandContext } from '../command-context.ts';
import { guestRequest } from '../parse/requests.ts';
import type { ParsedCommand } from '../parse/table.ts';
import { parseReporters, testChoice } from '../parse/test-request.ts';
import { textTable } from '../text.ts';
import { print, printJson } from './print.ts';

export async function test(parsed: ParsedCommand, context: CommandContext): Promise<number> {
  const reporters = parseReporters(parsed.flags.get('reporter'));
  const choice = testChoice(parsed);
  const { chooseTests } = await import('../../app/test/choose-tests.ts');
  const { suite, filters } = await chooseTests(choice, context.cwd);
  if (parsed.flags.has('list')) return list(suite, filters, parsed.flags.has('json'), context.cwd);

  const [{ runTests }, { GuestKeeper }, { keepGuest }, { runSession }, { withHost }, { openReports }] =
    await Promise.all([
      import('../../app/test/run-tests.ts'),
      import('../../app/test/guest-keeper.ts'),
      import('../keep-guest.ts'),
      import('../session.ts'),
      import('../with-host.ts'),
      import('../test-reports.ts'),
    ]);
  const reports = openReports(reporters, context.cwd);
  const given = parsed.flags.has('share') ? context.cwd : suite.dir;
  const base = guestRequest(
    suite.selftests ? withoutShare(withoutMatrix(parsed)) : withoutMatrix(parsed),
    given,
  );
  const keeper = parsed.flags.has('keep') ? new GuestKeeper() : undefined;
  const code = await runSession({
    useCase: 'test',
    request: {
      ...{ ...base, cwd: context.cwd },
      memoryBytes: parsed.flags.has('memory') ? base.memoryBytes : suite.memoryBytes,
      ...{ suite, filters, bail: parsed.flags.has('bail'), ...(keeper && { keeper }) },
      onResult: reports.write,
    },
    perform: withHost(runTests),
    command: context.words,
    cwd: context.cwd,
    colorChoice: context.colorChoice,
    ...(reports.onStdout && { outputIsTaken: true as const }),
  });
  await reports.annotate();
  if (keeper) await keepGuest(keeper);
  return code;
}

/** The flags whose values are lists here stand for one guest elsewhere. */
function withoutMatrix(parsed: ParsedCommand): ParsedCommand {
  const own = ['smp', 'kernel', 'timeout'];
  return { ...parsed, flags: new Map([...parsed.flags].filter(([name]) => !own.includes(name))) };
}

/** Tests that are no files here need nothing shared, unless it is asked for. */
function withoutShare(parsed: ParsedCommand): ParsedCommand {
  if (parsed.flags.has('share')) return parsed;
  return { ...parsed, flags: new Map([...parsed.flags, ['no-share', []]]) };
}

async function list(suite: TestSuite, filters: TestFilters, json: boolean, cwd: string): Promise<number> {
  const { planTests } = await import('../../app/test/plan-tests.ts');
  const prepared = suite.selftests === undefined ? undefined : await prepareWithProgress(suite, cwd);
  const plan = planTests(suite, filters, prepared);
  await (json
    ? printJson(plan.map(listed))
    : print(textTable(plan.map((test) => Object.values(listed(test)).map(String)))));
  return 0;
}

async function prepareWithProgress(suite: TestSuite, cwd: string) {
  const [{ prepareKselftest }, { withProgress }] = await Promise.all([
    import('../../app/test/prepare-kselftest.ts'),
    import('./with-progress.ts'),
  ]);
  return withProgress((around) => prepareKselftest(suite, { cwd, ...around }));
}

function listed({ file, cell, agent, expect }: PlannedTest) {
  return {
    file: file.name,
    kernel: cell.kernel,
    smp: `smp ${cell.smp}`,
    agent: agent.length > 0 ? agent.join(' ') : 'no agent',
    expect,
  };
}
