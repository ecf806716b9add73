import type { FindingKind, KernelFinding } from '../core/finding.ts';

interface Pattern {
  readonly kind: FindingKind;
  readonly match: RegExp;
  /** A single line says it all: nothing of what follows belongs to it. */
  readonly single?: boolean;
}

/**
 * What the kernel prints when something is wrong, most specific first. Sources: kernel/panic.c, lib/bug.c,
 * kernel/locking/lockdep.c, kernel/rcu/tree_stall.h, kernel/watchdog.c, kernel/hung_task.c, mm/kasan/report.c,
 * kernel/sched/core.c, kernel/sched/ext.c.
 */
const PATTERNS: readonly Pattern[] = [
  { kind: 'panic', match: /^Kernel panic - not syncing/ },
  { kind: 'kasan', match: /^BUG: (?:KASAN|KFENCE|KMSAN|KCSAN):/ },
  { kind: 'ubsan', match: /^UBSAN:/ },
  { kind: 'soft-lockup', match: /^(?:watchdog: )?BUG: soft lockup/ },
  { kind: 'hard-lockup', match: /Watchdog detected hard LOCKUP/ },
  {
    kind: 'sleeping-in-atomic',
    match: /^BUG: (?:sleeping function called from invalid context|scheduling while atomic)/,
  },
  { kind: 'oops', match: /^BUG: (?:unable to handle|kernel NULL pointer)/ },
  {
    kind: 'oops',
    match:
      /^(?:Oops: |general protection fault|kernel BUG at |invalid opcode: |double fault: |stack segment: )/,
  },
  { kind: 'bug', match: /^BUG: / },
  {
    kind: 'lockdep',
    match:
      /^WARNING: (?:possible |inconsistent lock state|suspicious RCU usage|bad unlock balance|held lock freed|lock held when returning|Nested lock was not taken|.*\block(?:s|ing)?\b.*detected)/,
  },
  { kind: 'lockdep', match: /^INFO: (?:possible |inconsistent lock state|suspicious RCU usage)/ },
  { kind: 'warning', match: /^WARNING: (?:CPU: \d+ PID: \d+ at |at |\S+:\d+ at )/ },
  { kind: 'rcu-stall', match: /^INFO: rcu_tasks\w* detected stalls/ },
  { kind: 'rcu-stall', match: /^rcu: INFO: rcu\w* (?:self-)?detected (?:expedited )?stall/ },
  { kind: 'rcu-stall', match: /^rcu: rcu\w* kthread (?:starved|timer wakeup didn't happen)/ },
  { kind: 'hung-task', match: /^INFO: task .+ blocked (?:for more than|in I\/O wait for more than|on )/ },
  {
    kind: 'out-of-memory',
    match: /^(?:Out of memory: Killed process|Memory cgroup out of memory: Killed)/,
    single: true,
  },
  {
    kind: 'scheduler-ejected',
    match: /^sched_ext: BPF (?:sub-)?scheduler "[^"]*" (?:disabled|errored, disabling)/,
  },
];

/** An orderly unload prints the same line as an ejection but for the reason. */
const ORDERLY_UNLOAD = /disabled \(unregistered from (?:user space|BPF)\)/;

const TIMESTAMP = /^(?:<\d+>)?\[\s*\d+\.\d{6}\](?:\[\s*[TC]\d+\])?\s?/;
const END_OF_REPORT = /^---\[ end (?:trace|Kernel panic)/;
/** Lines that belong to a report: they are indented, or they are of a kind that a report is made of. */
const PART_OF_REPORT =
  /^(?:\s|Call Trace|CPU: |Modules linked in|Tainted|Hardware name|RIP: |RSP: |RAX: |RBX: |RDX: |RSI: |RDI: |RBP: |R\d\d|FS: |CS: |CR\d|DR\d|PKRU|Code: |Oops|Workqueue|irq event|hardirqs|softirqs|BUG: |#PF|PGD|Sched_ext: |sched_ext: |rcu: |Sending NMI|NMI backtrace|Kernel Offset|Stack|task:|INFO: |-----|=====|other info|stack backtrace|which lock|the existing|\d+ locks? held|Comm|Disabling|RAX|ORIG_RAX|---\[|\*\*\*|but task|but there|Possible unsafe|Showing|Memory state|The buggy|Read of size|Write of size|Allocated|Freed|page)/;
const MAX_LINES = 120;
const MAX_FINDINGS = 64;
/** Lines of something else that may stand between two lines of a report before it counts as ended. */
const MAX_FOREIGN = 3;

interface Open {
  readonly kind: FindingKind;
  readonly title: string;
  readonly t: number;
  readonly lines: string[];
  foreign: number;
}

/** Strips the kernel's time stamp and caller from a console line. */
export function stripTimestamp(line: string): string {
  return line.replace(TIMESTAMP, '');
}

/**
 * Reads a kernel's console line by line and quotes what is wrong. A report is handed over when it has ended: at its end
 * marker, when something else follows, or at `end()`. A panic is handed over at once: nothing may follow it.
 */
export class ConsoleWatcher {
  readonly #onFinding: (finding: KernelFinding) => void;
  #open: Open | undefined;
  #count = 0;

  constructor(onFinding: (finding: KernelFinding) => void) {
    this.#onFinding = onFinding;
  }

  push(line: string, t: number): void {
    const text = stripTimestamp(line);
    const pattern = PATTERNS.find(({ match }) => match.test(text));
    if (pattern && this.#starts(pattern, text)) {
      this.end();
      this.#open = { kind: pattern.kind, title: text, t, lines: [text], foreign: 0 };
      if (pattern.single === true || pattern.kind === 'panic') this.end();
      return;
    }
    this.#continue(text);
  }

  /** Hands over a report that is still open: no more lines will come. */
  end(): void {
    const open = this.#open;
    this.#open = undefined;
    if (!open || this.#count >= MAX_FINDINGS) return;
    this.#count += 1;
    this.#onFinding({ kind: open.kind, title: open.title, lines: open.lines, t: open.t });
  }

  /** An oops prints several lines that would each match; they belong to the report that is open. */
  #starts(pattern: Pattern, text: string): boolean {
    if (pattern.kind === 'scheduler-ejected' && ORDERLY_UNLOAD.test(text)) return false;
    const open = this.#open;
    if (!open || pattern.kind === 'panic') return true;
    if (pattern.kind === 'oops' && (open.kind === 'oops' || open.kind === 'kasan' || open.kind === 'bug'))
      return false;
    return !(pattern.kind === 'rcu-stall' && open.kind === 'rcu-stall');
  }

  #continue(text: string): void {
    const open = this.#open;
    if (!open) return;
    open.lines.push(text);
    open.foreign = PART_OF_REPORT.test(text) || text === '' ? 0 : open.foreign + 1;
    if (END_OF_REPORT.test(text) || open.lines.length >= MAX_LINES) this.end();
    else if (open.foreign > MAX_FOREIGN) {
      open.lines.splice(-open.foreign);
      this.end();
    }
  }
}
