#!/bin/sh
# Tasks that come, go and leave the class while they run, sleep and migrate: what ghOSt's api_test and simple_exp do.
. "$(dirname "$0")/../../support/try-workloads.sh"
try_workloads "forkstorm --duration 2s" departed "departed-many --threads 50" \
	"departed-race --threads 10 --rounds 10" "many --threads 200"
