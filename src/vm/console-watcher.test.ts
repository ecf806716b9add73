import { describe, expect, it } from 'vitest';
import type { KernelFinding } from '../core/finding.ts';
import { ConsoleWatcher, stripTimestamp } from './console-watcher.ts';

function watch(console: string): KernelFinding[] {
  const findings: KernelFinding[] = [];
  const watcher = new ConsoleWatcher((finding) => findings.push(finding));
  for (const [t, line] of console.split('\n').entries()) watcher.push(line, t);
  watcher.end();
  return findings;
}

const WARN_6_12 = `[    1.1] nothing
[    5.123456] ------------[ cut here ]------------
[    5.123457] WARNING: CPU: 1 PID: 77 at kernel/sched/ext.c:1234 scx_ops_enable+0x12/0x90
[    5.123458] Modules linked in: overlay virtio_blk
[    5.123459] CPU: 1 UID: 0 PID: 77 Comm: node Not tainted 6.12.0 #1
[    5.123460] RIP: 0010:scx_ops_enable+0x12/0x90
[    5.123461] Call Trace:
[    5.123462]  <TASK>
[    5.123463]  bpf_struct_ops_link_create+0x1/0x2
[    5.123464] ---[ end trace 0000000000000000 ]---
[    5.200000] systemd[1]: something else`;

describe('ConsoleWatcher', () => {
  it('quotes a warning from its first line to its end marker', () => {
    const [warning, ...others] = watch(WARN_6_12);
    expect(others).toEqual([]);
    expect(warning?.kind).toBe('warning');
    expect(warning?.title).toBe(
      'WARNING: CPU: 1 PID: 77 at kernel/sched/ext.c:1234 scx_ops_enable+0x12/0x90',
    );
    expect(warning?.lines.at(-1)).toMatch(/end trace/);
    expect(warning?.t).toBe(2);
  });

  it.each([
    ['warning', 'WARNING: kernel/sched/ext.c:99 at scx_foo+0x1/0x2, CPU#1: node/77'],
    ['soft-lockup', 'watchdog: BUG: soft lockup - CPU#2 stuck for 26s! [spin:99]'],
    ['hard-lockup', 'watchdog: CPU1: Watchdog detected hard LOCKUP on cpu 1'],
    ['rcu-stall', 'rcu: INFO: rcu_preempt self-detected stall on CPU'],
    ['rcu-stall', 'rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:'],
    ['hung-task', 'INFO: task kworker/0:1:9 blocked for more than 120 seconds.'],
    ['kasan', 'BUG: KASAN: slab-use-after-free in scx_exit+0x1/0x2'],
    ['oops', 'BUG: kernel NULL pointer dereference, address: 0000000000000010'],
    ['oops', 'general protection fault, probably for non-canonical address 0xdead: 0000 [#1] SMP'],
    ['oops', 'kernel BUG at kernel/sched/core.c:100!'],
    ['sleeping-in-atomic', 'BUG: scheduling while atomic: node/77/0x00000002'],
    ['sleeping-in-atomic', 'BUG: sleeping function called from invalid context at kernel/locking/mutex.c:1'],
    ['bug', 'BUG: workqueue lockup - pool cpus=0 node=0'],
    ['lockdep', 'WARNING: possible circular locking dependency detected'],
    ['lockdep', 'WARNING: inconsistent lock state'],
    ['lockdep', 'WARNING: suspicious RCU usage'],
    ['out-of-memory', 'Out of memory: Killed process 80 (stress-ng) total-vm:1kB'],
    ['panic', 'Kernel panic - not syncing: sysrq triggered crash'],
    ['ubsan', 'UBSAN: array-index-out-of-bounds in kernel/foo.c:1:2'],
    ['scheduler-ejected', 'sched_ext: BPF scheduler "stall" disabled (runnable task stall)'],
    ['scheduler-ejected', 'sched_ext: BPF scheduler "x" errored, disabling'],
  ] as const)('knows a %s: %s', (kind, line) => {
    expect(watch(`[    9.000001] ${line}`).map((finding) => finding.kind)).toEqual([kind]);
  });

  it.each([
    'sched_ext: BPF scheduler "fifo" disabled (unregistered from user space)',
    'sched_ext: BPF scheduler "fifo" enabled',
    'WARNING: Flushing system-wide workqueues will be prohibited in near future.',
    'Spectre V2 : WARNING: Unprivileged eBPF is enabled',
    'workload: it says Kernel panic - not syncing, but it is no kernel',
  ])('leaves alone: %s', (line) => {
    expect(watch(`[    9.000001] ${line}`)).toEqual([]);
  });

  it('takes an oops with its several headlines for one finding', () => {
    const findings = watch(`[    2.000001] BUG: kernel NULL pointer dereference, address: 0000000000000000
[    2.000002] #PF: supervisor write access in kernel mode
[    2.000003] Oops: Oops: 0002 [#1] SMP NOPTI
[    2.000004] CPU: 0 UID: 0 PID: 1 Comm: init
[    2.000005] ---[ end trace 0000000000000000 ]---
[    2.000006] Kernel panic - not syncing: Fatal exception`);
    expect(findings.map(({ kind }) => kind)).toEqual(['oops', 'panic']);
  });

  it('hands over a panic at once, for nothing may follow it', () => {
    const kinds: string[] = [];
    const watcher = new ConsoleWatcher(({ kind }) => kinds.push(kind));
    watcher.push('[    2.000006] Kernel panic - not syncing: Fatal exception', 1);
    expect(kinds).toEqual(['panic']);
  });

  it('keeps what belongs to something else out of a report', () => {
    const [stall] = watch(`[    9.000001] rcu: INFO: rcu_preempt self-detected stall on CPU
[    9.000002] rcu: 	1-....: (5250 ticks this GP)
[    9.000003] virtio_net eth0: up
[    9.000004] ext4: mounted
[    9.000005] random: initialised
[    9.000006] usb: new device`);
    expect(stall?.lines).toHaveLength(2);
  });

  it('bounds a report and the number of reports of a guest that never stops complaining', () => {
    const endless = `${'[    9.000001] WARNING: a.c:1 at b\n'}${'[    9.000002]  frame\n'.repeat(500)}`;
    expect(watch(endless)[0]?.lines).toHaveLength(120);
    expect(watch(endless.repeat(100))).toHaveLength(64);
  });

  it('strips a time stamp with or without the caller', () => {
    expect(stripTimestamp('[    9.000001][  T77] text')).toBe('text');
    expect(stripTimestamp('[    9.000001] text')).toBe('text');
    expect(stripTimestamp('text')).toBe('text');
  });
});
