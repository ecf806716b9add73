/** What of a hang record's SysRq dumps says the most. */
export class HangSummary {
  readonly #cpus = new Map<number, string>();
  readonly #blocked: string[] = [];
  readonly #scheduler: string[] = [];
  #section: 'cpus' | 'blocked' | 'other' = 'other';
  #cpu: { readonly number: number; readonly task: string } | undefined;

  /** A line of the console. */
  push(line: string): void {
    const text = line.replace(STAMP, '');
    const title = /^sysrq: (.*)/.exec(text)?.[1];
    if (title !== undefined) {
      this.#section = SECTIONS.get(title.trim()) ?? 'other';
      return;
    }
    const dumped = /: sched_ext_dump: (.*)/.exec(text)?.[1];
    if (dumped !== undefined) keep(this.#scheduler, dumped, MAX_SCHEDULER_LINES);
    else if (this.#section === 'cpus') this.#takeCpu(text);
    else if (this.#section === 'blocked') this.#takeBlocked(text);
  }

  /** Where each CPU was, which tasks were blocked, and what the scheduler held, one a line. Bounded. */
  lines(): readonly string[] {
    const cpus = [...this.#cpus].sort(([a], [b]) => a - b).map(([cpu, where]) => `CPU ${cpu}: ${where}`);
    const blocked = this.#blocked.length > 0 ? [`blocked: ${this.#blocked.join(', ')}`] : [];
    return [...cpus, ...blocked, ...this.#scheduler];
  }

  #takeCpu(text: string): void {
    const idle = /^NMI backtrace for cpu (\d+) skipped: (.*)/.exec(text);
    const begun = /^CPU: (\d+) .*?PID: (\d+) Comm: (.*?) (?:Not tainted|Tainted|Kdump)/.exec(text);
    const at = /^RIP: (\w+):(\S+)/.exec(text);
    if (idle) this.#set(Number(idle[1]), idle[2] as string);
    else if (begun) {
      this.#cpu = { number: Number(begun[1]), task: `${begun[3]}[${begun[2]}]` };
      this.#set(this.#cpu.number, this.#cpu.task);
    } else if (at && this.#cpu) {
      const isUser = at[1] === USER_CS;
      this.#set(this.#cpu.number, `${this.#cpu.task} ${isUser ? 'in user space' : `at ${at[2]}`}`);
      this.#cpu = undefined;
    }
  }

  #takeBlocked(text: string): void {
    const task = /^task:(\S+)\s+state:D\b.*?\bpid:(\d+)/.exec(text);
    if (task) keep(this.#blocked, `${task[1]}[${task[2]}]`, MAX_BLOCKED);
  }

  #set(cpu: number, where: string): void {
    if (this.#cpus.size < MAX_CPUS || this.#cpus.has(cpu)) this.#cpus.set(cpu, where);
  }
}

const STAMP = /^\[ *\d+\.\d+\] /;
/** The selector of code in user space on x86-64: arch/x86/include/asm/segment.h, `__USER_CS`. */
const USER_CS = '0033';
const MAX_CPUS = 64;
const MAX_BLOCKED = 8;
const MAX_SCHEDULER_LINES = 40;
/** drivers/tty/sysrq.c. */
const SECTIONS: ReadonlyMap<string, 'cpus' | 'blocked'> = new Map([
  ['Show backtrace of all active CPUs', 'cpus'],
  ['Show Blocked State', 'blocked'],
]);

function keep(list: string[], text: string, max: number): void {
  if (list.length < max) list.push(text);
}
