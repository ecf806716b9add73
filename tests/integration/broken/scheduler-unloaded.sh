#!/bin/sh
# devbox-test: agent=fifo expect=scheduler-ejected
# Somebody else unloads the scheduler, by SysRq-S.
# Origin: ghOSt's enclave_test (KillActiveEnclave).
echo S > /proc/sysrq-trigger
sleep 60
