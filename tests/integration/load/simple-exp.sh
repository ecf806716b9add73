#!/bin/sh
# Threads that compute, sleep, leave the scheduling class and come back: what ghOSt's simple_exp does.
. "$(dirname "$0")/../../support/try-workloads.sh"
try_workloads simple "many --threads 300" "busy --threads 50" departed "departed-many --threads 50" \
	"departed-race --threads 10 --rounds 10"
