import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createEventBus, type EventBus, type EventSink } from '../../core/event-bus.ts';
import type { Verdict } from '../../core/verdict.ts';
import { createEventFiles } from '../../platform/record/event-files.ts';
import type { SessionContext } from '../use-case.ts';
import type { Attempt } from './attempt.ts';
import { ConsoleTail } from './console-tail.ts';

export interface RecordedGuest extends Disposable {
  /** Of this guest alone. */
  readonly context: SessionContext;
  readonly console: ConsoleTail;
  /** A result of this guest, its files named as the whole record knows them. */
  own(attempt: Attempt): Attempt;
}

/** Lines of a console that a result quotes; the file has them all. */
const CONSOLE_LINES = 200;

/**
 * A record of its own for one guest of many: `guests/N/` in the run's directory, with events, console and streams as in
 * the record of a run. Notices are told to everybody, each once: `told` holds those that were.
 */
export function recordGuest(number: number, outer: SessionContext, told: Set<string>): RecordedGuest {
  const name = join('guests', String(number));
  const runDir = join(outer.runDir, name);
  mkdirSync(join(runDir, 'streams'), { recursive: true, mode: 0o700 });
  const files = createEventFiles(runDir);
  const console = new ConsoleTail(CONSOLE_LINES);
  const remember: EventSink = (event) => {
    if (event.type === 'console-line') console.push(event.text);
  };
  const tell: EventSink = (event) => {
    if (event.type !== 'notice' || told.has(event.message)) return;
    told.add(event.message);
    const { t: _t, ...untimed } = event;
    outer.bus.emit(untimed);
  };
  const bus: EventBus = createEventBus([files.append, remember, tell]);
  return {
    context: { ...outer, bus, runId: `${outer.runId}.${number}`, runDir },
    console,
    own: (attempt) => ({ ...attempt, verdict: withFilesIn(name, attempt.verdict) }),
    [Symbol.dispose]: files.close,
  };
}

function withFilesIn(dir: string, verdict: Verdict): Verdict {
  return verdict.files ? { ...verdict, files: verdict.files.map((file) => join(dir, file)) } : verdict;
}
