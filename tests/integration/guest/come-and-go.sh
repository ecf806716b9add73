#!/bin/sh
# Tasks that come, go and leave the class while they run, sleep and migrate.
# Origin: ghOSt's channel_test (Wakeup: simple), api_test (RunDeadTask: forkstorm; DepartedRace) and simple_exp.
. "$(dirname "$0")/../../support/try-workloads.sh"
try_workloads simple "forkstorm --duration 2s" departed "departed-many --threads 50" \
	"departed-race --threads 10 --rounds 10" "many --threads 200"
