#!/bin/sh
# The guest has the sockets, cores and threads that were asked for, and all of its CPUs are online.
cd /sys/devices/system/cpu || exit 1
each() { for cpu in cpu[0-9]*; do cat "$cpu/topology/$1"; done; }
count() { sort -u | wc -l; }
cpus=$(each core_id | wc -l)
sockets=$(each physical_package_id | count)
cores=$(for cpu in cpu[0-9]*; do echo "$(cat "$cpu/topology/physical_package_id") $(cat "$cpu/topology/core_id")"; done | count)
seen="sockets=$sockets,cores=$((cores / sockets)),threads=$((cpus / cores))"
echo "asked for: $DEVBOX_TOPOLOGY; there are: $seen; online: $(cat online)"
[ "$seen" = "$DEVBOX_TOPOLOGY" ] && [ "$cpus" = "$DEVBOX_SMP" ] && [ "$(nproc --all)" = "$(nproc)" ]
