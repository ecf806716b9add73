import { describe, expect, it } from 'vitest';
import { HangSummary } from './hang-summary.ts';

function summarize(...lines: readonly string[]): readonly string[] {
  const summary = new HangSummary();
  for (const line of lines) summary.push(`[   35.391765] ${line}`);
  return summary.lines();
}

describe('the summary of a hang record', () => {
  it('says where each CPU was, in order, user space and idle ones too', () => {
    expect(
      summarize(
        'sysrq: Show backtrace of all active CPUs',
        'NMI backtrace for cpu 1',
        'CPU: 1 UID: 0 PID: 152 Comm: my task Not tainted 6.18.15+deb13-cloud-amd64 #1 PREEMPT(lazy)',
        'RIP: 0033:0x56388e1b908e',
        'NMI backtrace for cpu 0',
        'CPU: 0 UID: 0 PID: 18 Comm: rcu_preempt Tainted: G        W  6.12.117 #1',
        'RIP: 0010:rcu_gp_kthread+0xd0/0x180',
        'RIP: 0033:0x7f6d18dab740',
        'NMI backtrace for cpu 2 skipped: idling at default_idle+0xf/0x20',
      ),
    ).toEqual([
      'CPU 0: rcu_preempt[18] at rcu_gp_kthread+0xd0/0x180',
      'CPU 1: my task[152] in user space',
      'CPU 2: idling at default_idle+0xf/0x20',
    ]);
  });

  it('names blocked tasks, and no others', () => {
    expect(
      summarize(
        'sysrq: Show Blocked State',
        'task:kworker/0:1     state:D stack:0     pid:9     tgid:9     ppid:2',
        'sysrq: Show State',
        'task:init            state:R  running task     stack:0     pid:1     tgid:1',
        'task:jbd2            state:D stack:0     pid:7     tgid:7     ppid:2',
      ),
    ).toEqual(['blocked: kworker/0:1[9]']);
  });

  it("quotes the scheduler's state, whatever section it comes in", () => {
    expect(
      summarize(
        'sysrq: Trigger sched_ext debug dump',
        '    x.sh-168       1d..2. 5746174us : sched_ext_dump:  *R x.sh[168] -4ms',
      ),
    ).toEqual([' *R x.sh[168] -4ms']);
  });

  it('is bounded, whatever the guest prints', () => {
    const cpu = (n: number) => `CPU: ${n} UID: 0 PID: 1 Comm: x Not tainted`;
    const many = Array.from({ length: 1000 }, (_, n) => [cpu(n), `1us : sched_ext_dump: ${n}`]).flat();
    expect(summarize('sysrq: Show backtrace of all active CPUs', ...many)).toHaveLength(64 + 40);
  });
});
