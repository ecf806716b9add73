import { LineSplitter } from '../../core/escape-bytes.ts';
import type { GuestOutput, ProcessExit } from '../../core/event.ts';
import type { EventBus } from '../../core/event-bus.ts';
import type { GuestProcess } from '../../vm/channel/guest-process.ts';

/** The last lines a process wrote to its standard error, for the day it fails. */
const KEEP_LINES = 20;
const MAX_REPORT_BYTES = 64 * 1024;

export interface PumpOptions {
  readonly process: GuestProcess;
  readonly bus: EventBus;
  readonly from: 'agent' | 'workload';
  readonly onReport?: (report: Readonly<Record<string, unknown>>) => void;
}

export interface PumpedProcess {
  /** Resolves when the process has ended and all its output has been handed on. */
  readonly done: Promise<ProcessExit>;
  stderrTail(): readonly string[];
}

/** Turns a guest process's streams into events; reads on only when everyone has taken what there was. */
export function pumpProcess(options: PumpOptions): PumpedProcess {
  const { process, bus, from } = options;
  const tail: string[] = [];
  const lines = new LineSplitter();
  const keep = (texts: readonly string[]) => {
    tail.push(...texts);
    tail.splice(0, tail.length - KEEP_LINES);
  };
  const forward = async (stream: AsyncIterable<Uint8Array>, fd: 1 | 2) => {
    for await (const data of stream) {
      if (fd === 2) keep(lines.push(data));
      bus.emit({ type: 'guest-output', stream: streamName(from, fd), fd, data });
      await bus.drain();
    }
    if (fd === 2) keep(lines.end());
  };
  const done = (async () => {
    await Promise.all([forward(process.stdout, 1), forward(process.stderr, 2), readReports(options)]);
    const { code, signal } = await process.exited;
    return signal === undefined ? { code: code ?? 0 } : { signal };
  })();
  done.catch(() => {}); // Whoever awaits it learns; a run that has stopped for another cause does not.
  return { done, stderrTail: () => [...tail] };
}

function streamName(from: 'agent' | 'workload', fd: 1 | 2): GuestOutput['stream'] {
  if (from === 'workload') return 'workload';
  return fd === 1 ? 'agent-stdout' : 'agent-stderr';
}

async function readReports({ process, bus, from, onReport }: PumpOptions): Promise<void> {
  const lines = new LineSplitter(MAX_REPORT_BYTES);
  let complained = false;
  const take = (texts: readonly string[]) => {
    for (const text of texts) {
      const report = parseReport(text);
      if (!report) {
        if (!complained) bus.emit({ type: 'notice', level: 'warning', message: notAReport(from, text) });
        complained = true;
        continue;
      }
      bus.emit({ type: 'report', from, report });
      onReport?.(report);
    }
  };
  for await (const chunk of process.report) {
    take(lines.push(chunk));
    await bus.drain();
  }
  take(lines.end());
}

/** Said once: whoever writes one such line may write millions. */
function notAReport(from: string, text: string): string {
  return `The ${from} wrote a report that is not a JSON object: ${JSON.stringify(text.slice(0, 60))}`;
}

function parseReport(text: string): Readonly<Record<string, unknown>> | undefined {
  // Each text that JSON.parse throws at stays in V8's old generation for a while, with a script made for it.
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
