import { describeExit } from '../core/judge.ts';
import { shellWord } from '../core/shell-word.ts';
import { formatDuration } from '../core/units.ts';
import { VERDICT_EXIT_CODES, type Verdict, type VerdictKind } from '../core/verdict.ts';
import { dispatchTable, figureLines } from './figures.ts';
import { metricsLines } from './policy-metrics.ts';
import { line, type StyledLine, type Tone } from './styled-line.ts';
import type { RunSummary } from './summary.ts';

const EVIDENCE_LINES = 30;

/** The summary as people read it, below the live output. Text may hold a guest's bytes: escape before printing. */
export function summaryLines(summary: RunSummary): StyledLine[] {
  const { verdict, stats, metrics, figures } = summary;
  return [
    ...(stats ? section('Dispatched per CPU', dispatchTable(stats)) : []),
    ...(metrics ? section(`Measured by ${summary.scheduler ?? 'the agent'}`, metricsLines(metrics)) : []),
    ...figures.flatMap((entry) => section(`Measured by ${entry.workload}`, figureLines(entry))),
    ...(verdict ? [line(''), ...verdictLines(verdict)] : []),
    line(''),
    ...contextLines(summary),
  ];
}

/** One line, the same in `--quiet`. */
export function verdictLine(verdict: Verdict): StyledLine {
  return line(`${verdict.kind}: ${verdict.summary}`, verdictTone(verdict.kind));
}

function verdictTone(kind: VerdictKind): Tone {
  if (kind === 'passed') return 'good';
  return kind === 'inconclusive' || kind === 'cancelled' ? 'warning' : 'bad';
}

/**
 * For a command whose output is passed through: its own failure speaks for itself. `hasEnded` tells whether it did end;
 * one whose guest went away has said nothing about that.
 */
export function passthroughVerdictLines(verdict: Verdict, hasEnded: boolean): StyledLine[] {
  if (verdict.kind === 'passed' || (verdict.kind === 'test-failed' && hasEnded)) return [];
  const [first, ...rest] = verdictLines(verdict);
  return first ? [{ ...first, text: `devbox: ${first.text}` }, ...rest] : rest;
}

/** A verdict with its evidence, findings and hint. */
export function verdictLines(verdict: Verdict): StyledLine[] {
  const shown = verdict.evidence.slice(0, EVIDENCE_LINES);
  const hidden = verdict.evidence.length - shown.length;
  const exit = verdict.schedulerExit;
  return [
    verdictLine(verdict),
    ...shown.map((text) => line(`  │ ${text}`)),
    ...(hidden > 0 ? [line(`  │ … ${hidden} more lines in the record`, 'dim')] : []),
    ...(exit
      ? [line(`  scheduler exit: ${exit.kindName}, ${exit.reason}${exit.message ? `: ${exit.message}` : ''}`)]
      : []),
    ...verdict.findings.map((finding) => line(`  kernel ${finding.kind}: ${finding.title}`, 'warning')),
    ...(verdict.files ?? []).map((file) => line(`  see ${file} in the record`)),
    ...(verdict.hint === undefined ? [] : [line(`  hint: ${verdict.hint}`)]),
  ];
}

export function contextLines(summary: RunSummary): StyledLine[] {
  const { release, vcpus, accel, workload, verdict } = summary;
  const exitCode = summary.exitCode ?? (verdict && VERDICT_EXIT_CODES[verdict.kind]);
  const machine = [
    release === undefined ? undefined : `Linux ${release}`,
    vcpus === undefined ? undefined : `${vcpus} vCPU${vcpus === 1 ? '' : 's'}`,
    accel === 'tcg' ? 'emulated (TCG): times are not those of real hardware' : accel && 'KVM',
  ].filter((part) => part !== undefined);
  return [
    ...(machine.length > 0 ? [line(`guest    ${machine.join(', ')}`, 'dim')] : []),
    ...(workload ? [line(`workload ${describeWorkload(workload)}`, 'dim')] : []),
    line(
      `took     ${formatDuration(summary.ms)}${exitCode === undefined ? '' : `, exit code ${exitCode}`}`,
      'dim',
    ),
    ...(summary.record === undefined ? [] : [line(`record   ${summary.record}`, 'dim')]),
    ...(summary.command.length > 0
      ? [line(`again    devbox ${summary.command.map(shellWord).join(' ')}`, 'dim')]
      : []),
  ];
}

function describeWorkload({ name, exit, ms }: NonNullable<RunSummary['workload']>): string {
  return [name, exit && describeExit(exit), ms === undefined ? undefined : formatDuration(ms)]
    .filter((part) => part !== undefined)
    .join(', ');
}

function section(title: string, rows: readonly string[]): StyledLine[] {
  return [line(''), line(title, 'strong'), ...rows.map((row) => line(`  ${row}`))];
}
