import type { AgentError } from '../../core/agent-error.ts';
import type { ProcessExit } from '../../core/event.ts';
import type { Evidence } from '../../core/judge.ts';
import { type SchedulerExit, schedulerExitKindName } from '../../core/scheduler-exit.ts';

/** What is known of an agent so far. Changed as it reports and ends. */
export interface AgentState {
  exit: ProcessExit | undefined;
  asked: boolean;
  schedulerExit: SchedulerExit | undefined;
  error: AgentError | undefined;
  verifierLog: string;
  files: string[];
}

export function createAgentState(): AgentState {
  return {
    exit: undefined,
    asked: false,
    schedulerExit: undefined,
    error: undefined,
    verifierLog: '',
    files: [],
  };
}

const MAX_VERIFIER_LOG = 64 * 2 ** 20;

/** Reports come from a process that may be broken or hostile: every field is checked before it is believed. */
export function takeReport(report: Readonly<Record<string, unknown>>, state: AgentState): void {
  const text = (key: string) => (typeof report[key] === 'string' ? (report[key] as string) : '');
  if (report.type === 'scheduler-exit' && typeof report.kind === 'number') {
    state.schedulerExit = {
      kind: report.kind,
      kindName: schedulerExitKindName(report.kind),
      ...{ exitCode: text('exitCode'), reason: text('reason'), message: text('message'), dump: text('dump') },
    };
  } else if (report.type === 'agent-error') {
    state.error = agentError(report);
  } else if (report.type === 'verifier-log' && state.verifierLog.length < MAX_VERIFIER_LOG) {
    state.verifierLog += text('text');
  }
}

const MAX_MESSAGE = 4000;
const MAX_EVIDENCE = 60;

function agentError({ code, message, evidence, hint }: Readonly<Record<string, unknown>>): AgentError {
  const text = (value: unknown) => (typeof value === 'string' ? value.slice(0, MAX_MESSAGE) : '');
  const lines = Array.isArray(evidence) ? evidence.slice(0, MAX_EVIDENCE) : [];
  return {
    ...{ code: text(code), message: text(message) },
    evidence: lines.filter((line) => typeof line === 'string').map(text),
    ...(text(hint) === '' ? {} : { hint: text(hint) }),
  };
}

/** What the agent has to say for itself when the run is judged. */
export function testimonyOf(name: string, state: AgentState, stderr: readonly string[]): Partial<Evidence> {
  const { exit, asked, schedulerExit, files, error } = state;
  return {
    files,
    ...(schedulerExit === undefined ? {} : { schedulerExit }),
    ...(exit === undefined ? {} : { agent: { name, exit, asked, stderr, ...(error && { error }) } }),
  };
}
