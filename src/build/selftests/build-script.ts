import { CHOOSE_CLANG } from './renamed-kfuncs.ts';

/** Where the script finds and puts things. */
export const PLACES = { tree: '/mnt/tree', btf: '/mnt/btf', out: '/mnt/out' } as const;
/** Below `PLACES.out`: names of all cases, programs of those that compile, and the compiler's words for the others. */
export const PRODUCTS = { cases: 'cases', programs: 'programs', failed: 'failed' } as const;

/** Where a tree has the selftests of sched_ext. */
export const SELFTESTS_DIR = 'tools/testing/selftests/sched_ext';

/**
 * The tree's own Makefile builds one runner with every case in it. Here every case gets a runner of its own: one that does
 * not compile takes no other with it, and the runner's -t, which looks for a part of a name, is not needed.
 * $1: jobs. The first make compiles all that can be, side by side; the others link, and say of each what is wrong with it.
 */
export const BUILD_SELFTESTS = `${CHOOSE_CLANG}
jobs=$1
tests=${PLACES.tree}/${SELFTESTS_DIR}
work=${PLACES.out}/work
cd ${PLACES.out}
mkdir work ${PRODUCTS.programs} ${PRODUCTS.failed}
choose_clang "$tests" ${PLACES.btf}
selftests() {
  make -C "$tests" OUTPUT="$work" VMLINUX_BTF=${PLACES.btf} BPFTOOL=/usr/sbin/bpftool CLANG="$clang" "$@"
}
selftests -s --no-print-directory --eval 'list-cases: ; @printf "%s\\n" $(auto-test-targets)' list-cases >${PRODUCTS.cases}
selftests -j"$jobs" "$work/build/obj/libbpf/libbpf.a" "$work/build/include/vmlinux.h" "$work/build/obj/sched_ext/runner.o"
selftests -k -j"$jobs" "$work/runner" || true
for case in $(cat ${PRODUCTS.cases}); do
  rm -f "$work/runner"
  skeletons=$(sed -nE 's|^#include "(.*\\.bpf\\.skel\\.h)".*|'"$work"'/build/include/\\1|p' "$tests/$case.c" | tr '\\n' ' ')
  if selftests auto-test-targets="$case" all_test_bpfprogs="$skeletons" "$work/runner" >log 2>&1; then
    strip -o "${PRODUCTS.programs}/$case" "$work/runner"
  else
    cp log "${PRODUCTS.failed}/$case"
  fi
  cat log
done
rm -r work log
`;
