#!/bin/sh
# Tasks that come, go and leave the class while they run, sleep and migrate: what ghOSt's api_test and simple_exp do.
echo 1..5
number=0
for words in "forkstorm --duration 2s" departed "departed-many --threads 50" "departed-race --threads 10 --rounds 10" "many --threads 200"; do
	number=$((number + 1))
	# shellcheck disable=SC2086
	if devbox-workload $words >/dev/null; then
		echo "ok $number - $words"
	else
		echo "not ok $number - $words: exit code $?"
	fi
done
