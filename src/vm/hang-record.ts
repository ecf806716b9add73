import type { Qmp } from './qmp.ts';

export interface HangRecordSource {
  readonly qmp: Qmp;
  /** Types a key on the guest's serial console. */
  type(key: string): void;
  /** Resolves when the console has been quiet for a moment, or when it has printed all it will. */
  consoleQuiet(maxMs: number): Promise<void>;
  readonly vcpus: number;
}

/**
 * `l`: back-traces of all CPUs; `w`: blocked tasks; `D`: sched_ext, into the trace buffer when its event is on; `z`: the trace
 * buffer; `q`: timers and what is to interrupt for them; `t`: all tasks, the longest and so the last. Documentation/admin-guide/sysrq.rst
 */
const SYSRQ_KEYS = ['l', 'w', 'D', 'z', 'q', 't'] as const;

/**
 * What can still be learnt from a guest that no longer answers, before it is killed: SysRq dumps (they land on the
 * console, and so in the record), then the registers of every vCPU, read twice: a vCPU whose instruction pointer did
 * not move is stuck. Returns the text of the record's file; whatever QEMU refuses is said in it.
 */
export async function takeHangRecord(source: HangRecordSource, maxMs: number): Promise<string> {
  const sections: string[] = [];
  const first = await ask(() => source.qmp.monitor('info registers -a'));
  sections.push(section('vCPU registers', first));
  for (const key of SYSRQ_KEYS) {
    await ask(() => sendSysRq(source, key));
    await source.consoleQuiet(maxMs / SYSRQ_KEYS.length);
  }
  const again = await ask(() => source.qmp.monitor('info registers -a'));
  sections.push(section('vCPU registers, after the SysRq dumps', again));
  sections.push(...(await describeMachine(source)));
  sections.push(`The SysRq dumps (${SYSRQ_KEYS.join(', ')}) are in console.log.\n`);
  return sections.join('\n');
}

/** What QEMU knows, without a word to the guest: registers, vCPUs, and which interrupts are waiting where. */
export async function takeMachineRecord(source: Pick<HangRecordSource, 'qmp' | 'vcpus'>): Promise<string> {
  const registers = await ask(() => source.qmp.monitor('info registers -a'));
  return [section('vCPU registers', registers), ...(await describeMachine(source))].join('\n');
}

async function describeMachine({
  qmp,
  vcpus,
}: Pick<HangRecordSource, 'qmp' | 'vcpus'>): Promise<readonly string[]> {
  const cpus = await ask(async () => JSON.stringify(await qmp.execute('query-cpus-fast'), null, 2));
  const sections = [section('vCPUs', cpus)];
  sections.push(section('Interrupt controllers', await ask(() => qmp.monitor('info pic'))));
  for (let cpu = 0; cpu < vcpus; cpu += 1)
    sections.push(section(`Local APIC of vCPU ${cpu}`, await ask(() => qmp.monitor('info lapic', cpu))));
  return sections;
}

/** SysRq over a serial line is a BREAK followed by the key. */
async function sendSysRq(source: HangRecordSource, key: string): Promise<string> {
  await source.qmp.execute('chardev-send-break', { id: 'console' });
  source.type(key);
  return '';
}

async function ask(question: () => Promise<string>): Promise<string> {
  try {
    return await question();
  } catch (error) {
    return `(${(error as Error).message})`;
  }
}

function section(title: string, text: string): string {
  return `== ${title} ==\n${text.trimEnd()}\n`;
}
