#!/bin/sh
# devbox-test: agent=fifo expect=guest-hang
# Nothing but real-time tasks runs any more, not even PID 1.
echo -1 > /proc/sys/kernel/sched_rt_runtime_us
for cpu in $(seq "$DEVBOX_SMP"); do
	chrt -f 99 sh -c 'while :; do :; done' &
done
wait
