import type { DevboxEvent, StageOutcome } from '../../core/event.ts';
import { describeExit } from '../../core/judge.ts';
import { shellWord } from '../../core/shell-word.ts';
import { formatBytes, formatDuration } from '../../core/units.ts';
import { line, type StyledLine } from '../../results/styled-line.ts';
import { testLine } from '../../results/test-lines.ts';

/** What devbox itself has to say about an event, in lines; streams, the verdict and figures are shown elsewhere. */
export function eventLines(event: DevboxEvent): StyledLine[] {
  switch (event.type) {
    case 'run-started':
      return [line(`run ${event.runId}: devbox ${event.command.map(shellWord).join(' ')}`)];
    case 'stage-started':
      return [line(`${event.stage}: ${event.title}`, 'dim')];
    case 'stage-progress':
      return [line(`${event.stage}: ${event.detail}`, 'dim')];
    case 'stage-finished':
      return [
        line(
          `${event.stage}: ${stageResult(event)}`,
          event.outcome === 'failed' ? 'bad' : event.outcome === 'skipped' ? 'dim' : 'plain',
        ),
      ];
    case 'notice':
      return noticeLines(event.level, event.message, event.hint);
    case 'guest-ready':
      return [
        line(
          `guest is ready: Linux ${event.release}, ${event.vcpus} vCPU${event.vcpus === 1 ? '' : 's'}, ` +
            `${formatBytes(event.memoryKiB * 1024)}, ${formatDuration(event.ms)} after power-on`,
        ),
      ];
    case 'agent-started':
      return [
        line(`agent ${event.agent} started, pid ${event.pid}: ${event.argv.map(shellWord).join(' ')}`, 'dim'),
      ];
    case 'agent-ready':
      return [
        line(`agent ${event.agent} is ready${event.scheduler ? `: the kernel runs ${event.scheduler}` : ''}`),
      ];
    case 'agent-exited':
      return [
        line(
          `agent ${describeExit(event.exit)}${event.asked ? ', as asked' : ' without being asked'}`,
          event.asked ? 'plain' : 'warning',
        ),
      ];
    case 'workload-started':
      return [
        line(
          `workload ${event.workload} started, pid ${event.pid}: ${event.argv.map(shellWord).join(' ')}`,
          'dim',
        ),
      ];
    case 'workload-exited':
      return [line(`workload ${describeExit(event.exit)} after ${formatDuration(event.ms)}`)];
    case 'finding':
      return [line(`the kernel complains (${event.finding.kind}): ${event.finding.title}`, 'bad')];
    case 'scheduler-exited':
      return [line(`the scheduler left the kernel: ${event.exit.kindName}, ${event.exit.reason}`)];
    case 'suite-progress': {
      const failed = event.failed === 0 ? '' : `, ${event.failed} failed`;
      return [line(`${event.done} of ${event.total} tests are over${failed}`, 'dim')];
    }
    case 'suite-started':
      return [
        line(
          `suite ${event.suite}: ${event.tests} test${event.tests === 1 ? '' : 's'}, ` +
            `${event.jobs} guest${event.jobs === 1 ? '' : 's'} at a time`,
        ),
      ];
    case 'test-finished':
      return [testLine(event.result)];
    default:
      return [];
  }
}

export function noticeLines(
  level: 'info' | 'warning',
  message: string,
  hint: string | undefined,
): StyledLine[] {
  const tone = level === 'warning' ? 'warning' : 'plain';
  return [
    line(level === 'warning' ? `WARNING: ${message}` : message, tone),
    ...(hint === undefined ? [] : [line(`hint: ${hint}`, tone)]),
  ];
}

const OUTCOMES: Readonly<Record<StageOutcome, string>> = {
  done: 'done',
  cached: 'ready, from the store',
  failed: 'FAILED',
  skipped: 'skipped',
};

export function stageResult({
  outcome,
  ms,
  detail,
}: {
  outcome: StageOutcome;
  ms: number;
  detail?: string;
}): string {
  return `${OUTCOMES[outcome]}, ${formatDuration(ms)}${detail === undefined ? '' : ` (${detail})`}`;
}
