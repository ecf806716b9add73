import { expect, test } from 'vitest';
import { overdueCpus } from './overdue-timers.ts';

/** As kernel/time/timer_list.c prints it, with the parts left out that nobody reads. */
function timerList(dueNs: readonly number[]): string {
  const cpus = dueNs.map(
    (due, cpu) => `cpu: ${cpu}
 clock 0:
  .offset:     0 nsecs
active timers:
 #0: <00000000511b0ee6>, tick_nohz_handler, S:01
 # expires at 196844000000-196844000000 nsecs [in ${due} to ${due} nsecs]
 #1: <000000009ceff1ff>, dl_task_timer, S:01
 # expires at 197852413337-197852413337 nsecs [in 1009343680 to 1009343680 nsecs]
 clock 1:
  .offset:     1796039014333755511 nsecs
active timers:
  .expires_next   : 196952000000 nsecs
  .hres_active    : 1
  .nr_events      : 54004
jiffies: 4294941533
`,
  );
  const devices = dueNs.map(
    (_, cpu) => `Tick Device: mode:     1
Per CPU device: ${cpu}
Clock Event Device: lapic
 max_delta_ns:   1912194174906
 mode:           3
 next_event:     19684400000${cpu} nsecs
 event_handler:  hrtimer_interrupt

`,
  );
  const broadcast = 'Tick Device: mode:     1\nBroadcast device\nClock Event Device: <NULL>\n';
  return `Timer List Version: v0.11\nnow at 196843069657 nsecs\n\n${cpus.join('\n')}\n${broadcast}\n${devices.join('')}`;
}

test('a CPU whose timers come in time, or a little late, is well', () => {
  expect(overdueCpus(timerList([930_343, -400_000_000]), 1000)).toEqual([]);
  expect(overdueCpus('', 1000)).toEqual([]);
});

test('a CPU whose oldest timer should have run long ago is told, with what the kernel knows of it', () => {
  const [cpu, ...others] = overdueCpus(timerList([930_343, -10_012_345_678]), 1000);
  expect(others).toEqual([]);
  expect(cpu).toEqual({
    ...{ cpu: 1, lateMs: 10_012 },
    evidence: [
      'CPU 1: tick_nohz_handler is 10012 ms late, at 196843069657 nsecs',
      'CPU 1: expires_next 196952000000 nsecs, hres_active 1, nr_events 54004',
      'CPU 1: Clock Event Device lapic, mode 3, next_event 196844000001 nsecs, event_handler hrtimer_interrupt',
    ],
  });
});
