/** What Linux 6.13 called otherwise, `scx_bpf_` before each; the arguments are the same. */
const RENAMED = {
  dispatch: 'dsq_insert',
  dispatch_vtime: 'dsq_insert_vtime',
  consume: 'dsq_move_to_local',
  dispatch_from_dsq: 'dsq_move',
  dispatch_vtime_from_dsq: 'dsq_move_vtime',
  dispatch_from_dsq_set_slice: 'dsq_move_set_slice',
  dispatch_from_dsq_set_vtime: 'dsq_move_set_vtime',
};

/** For clang: older BPF programs of the kernel's own tree as a newer kernel knows their kfuncs. */
const DEFINITIONS = Object.entries(RENAMED)
  .map(([before, after]) => `-Dscx_bpf_${before}=scx_bpf_${after}`)
  .join(' ');

/**
 * Shell: sets `clang` to what compiles the BPF programs in the directory `$1`, older ones than the kernel with the BTF in
 * `$2` maybe.
 */
export const CHOOSE_CLANG = `
choose_clang() {
  clang=clang
  if grep -q 'scx_bpf_dispatch(' "$1"/*.bpf.c && ! bpftool btf dump file "$2" format raw | grep -q "FUNC 'scx_bpf_dispatch'"; then
    clang="clang ${DEFINITIONS}"
  fi
}
`;
