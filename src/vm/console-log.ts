import { LineSplitter } from '../core/escape-bytes.ts';
import type { EventBus } from '../core/event-bus.ts';
import type { KernelFinding } from '../core/finding.ts';
import type { ConsolePipe } from './console-pipe.ts';
import { ConsoleWatcher } from './console-watcher.ts';

export interface ConsoleLog {
  /** Types a key on the guest's serial console. */
  type(key: string): void;
  /** The newest lines, oldest first. */
  tail(): readonly string[];
  /**
   * Resolves with true when the console has printed the line `CONSOLE_MARK` + `mark`, with false after `maxMs`. Everything
   * the kernel printed before that line has been handed on by then. Marks are not part of the log.
   */
  waitForMark(mark: string, maxMs: number): Promise<boolean>;
  /** When QEMU has ended: resolves when all that it left has been handed on. */
  finish(): Promise<void>;
  /** The same, but the line that was not at its end is returned instead: a clone will go on with it. */
  cut(): Promise<string>;
  /** How often the kernel has complained. */
  findings(): number;
  /** Resolves when the console has printed nothing for `pauseMs`, at the latest after `maxMs`. */
  quiet(limits: { readonly pauseMs: number; readonly maxMs: number }): Promise<void>;
}

export interface ConsoleOptions {
  readonly pipe: Pick<ConsolePipe, 'output' | 'type' | 'finish'>;
  readonly bus: EventBus;
  readonly onFinding: (finding: KernelFinding) => void;
  /** What a template had printed of a line. */
  readonly unfinishedLine?: string;
}

/** Begins the lines that `flushConsole` writes to the kernel's log. */
export const CONSOLE_MARK = 'devbox: mark ';
const TAIL_LINES = 40;
/**
 * QEMU writes a byte at a time, and each would wake us: on few cores a booting kernel's console takes a tenth of the boot.
 * In this time no guest prints more than the pipe holds.
 */
const GATHER_MS = 20;
/** No kernel prints faster than this needs; a guest that floods its console waits for us. */
const LINE_BYTES = 4096;

/** Turns the guest's serial console into events, and findings where the kernel complains. */
export function readConsole({ pipe, bus, onFinding, unfinishedLine = '' }: ConsoleOptions): ConsoleLog {
  const lines = new LineSplitter(LINE_BYTES);
  const tail: string[] = [];
  const activity = new EventTarget();
  let findings = 0;
  let cut = false;
  let rest = '';
  lines.push(Buffer.from(unfinishedLine));
  const watcher = new ConsoleWatcher((finding) => {
    findings += 1;
    bus.emit({ type: 'finding', finding });
    onFinding(finding);
  });
  let hurried = 0;
  const hurry = () => {
    hurried += 1;
    activity.dispatchEvent(new Event('hurry'));
  };
  const take = (text: string) => {
    if (text.includes(CONSOLE_MARK)) {
      // Whoever asks wants to know what there was until now: a report is over, though its last lines may not look so.
      watcher.end();
      activity.dispatchEvent(new CustomEvent('mark', { detail: text }));
      return;
    }
    tail.push(text);
    if (tail.length > TAIL_LINES) tail.shift();
    bus.emit({ type: 'console-line', text });
    watcher.push(text, bus.now());
  };
  const ended = (async () => {
    for await (const chunk of pipe.output as AsyncIterable<Buffer>) {
      for (const line of lines.push(chunk)) take(line);
      activity.dispatchEvent(new Event('data'));
      await bus.drain();
      if (hurried === 0) await gather(activity);
    }
    const last = lines.end();
    if (cut) rest = last.join('');
    else last.forEach(take);
    watcher.end();
  })();
  ended.catch(() => {}); // QEMU's end, seen from here; watchForDeath tells the story.
  const finish = () => {
    pipe.finish();
    hurry();
    return ended.catch(() => watcher.end());
  };
  return {
    type: pipe.type,
    tail: () => [...tail],
    finish,
    cut: async () => {
      cut = true;
      await finish();
      return rest;
    },
    findings: () => findings,
    quiet: (limits) => quiet(activity, limits),
    waitForMark: async (mark, maxMs) => {
      hurry();
      const seen = await waitForMark(activity, mark, maxMs);
      hurried -= 1;
      return seen;
    },
  };
}

/** Lets more come before it is read; ends early when somebody begins to wait for it. */
function gather(activity: EventTarget): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      activity.removeEventListener('hurry', done);
      resolve();
    };
    const timer = setTimeout(done, GATHER_MS);
    activity.addEventListener('hurry', done);
  });
}

function waitForMark(activity: EventTarget, mark: string, maxMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (seen: boolean) => {
      clearTimeout(limit);
      activity.removeEventListener('mark', onMark);
      resolve(seen);
    };
    const limit = setTimeout(done, maxMs, false);
    const onMark = (event: Event) => {
      if (String((event as CustomEvent).detail).includes(mark)) done(true);
    };
    activity.addEventListener('mark', onMark);
  });
}

function quiet(
  activity: EventTarget,
  { pauseMs, maxMs }: { readonly pauseMs: number; readonly maxMs: number },
): Promise<void> {
  return new Promise((resolve) => {
    let pause = setTimeout(done, pauseMs);
    const limit = setTimeout(done, maxMs);
    const onData = () => {
      clearTimeout(pause);
      pause = setTimeout(done, pauseMs);
    };
    function done() {
      clearTimeout(pause);
      clearTimeout(limit);
      activity.removeEventListener('data', onData);
      resolve();
    }
    activity.addEventListener('data', onData);
  });
}
