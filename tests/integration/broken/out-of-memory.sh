#!/bin/sh
# devbox-test: agent=none expect=kernel-splat
# The kernel kills a process for want of memory; the test itself does not mind.
echo +memory > /sys/fs/cgroup/cgroup.subtree_control
mkdir /sys/fs/cgroup/devbox-broken
echo 32M > /sys/fs/cgroup/devbox-broken/memory.max
sh -c 'echo $$ > /sys/fs/cgroup/devbox-broken/cgroup.procs; head -c 100M /dev/zero | tail' > /dev/null
exit 0
