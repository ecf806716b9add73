# To be sourced: try_workloads WORDS... runs devbox-workload with each of them, and says in TAP how it ended.
try_workloads() {
	echo "1..$#"
	number=0
	for words in "$@"; do
		number=$((number + 1))
		# shellcheck disable=SC2086
		if devbox-workload $words >/dev/null; then
			echo "ok $number - $words"
		else
			echo "not ok $number - $words: exit code $?"
		fi
	done
}
