#!/bin/sh
# Threads that compute, sleep, leave the scheduling class and come back: what ghOSt's simple_exp does.
echo 1..6
number=0
for words in simple "many --threads 300" "busy --threads 50" departed "departed-many --threads 50" "departed-race --threads 10 --rounds 10"; do
	number=$((number + 1))
	# shellcheck disable=SC2086
	if devbox-workload $words >/dev/null; then
		echo "ok $number - $words"
	else
		echo "not ok $number - $words: exit code $?"
	fi
done
