/**
 * A seccomp filter for the file-sharing daemon, as the kernel and `setpriv --seccomp-filter` take it: struct sock_filter
 * after struct sock_filter. With it nothing becomes set-user-id or set-group-id. What a guest makes in a share belongs to
 * the user who shares it, so a set-user-id program there would lend that user's rights to everybody on the host.
 * https://docs.kernel.org/userspace-api/seccomp_filter.html
 */
export function setIdFilter(): Buffer {
  return Buffer.concat([
    ...[load(ARCH), jump(EQUAL, X86_64, 1, 0), give(KILL)],
    ...[load(NUMBER), jump(AT_LEAST, X32, 0, 1), give(KILL)],
    ...UNREADABLE.flatMap((number) => [jump(EQUAL, number, 0, 1), give(NO_SUCH_CALL)]),
    ...CHANGES.flatMap(([number, mode]) => [jump(EQUAL, number, 0, 4), ...refuseSetId(mode)]),
    ...OPENS.flatMap(([number, flags]) => [
      ...[jump(EQUAL, number, 0, 6), load(argument(flags)), jump(ANY_BIT, CREATES, 0, 3)],
      ...refuseSetId(flags + 1),
    ]),
    give(ALLOW),
  ]);
}

/** Calls of x86-64 that take a mode, and as which argument. */
const CHANGES: readonly (readonly [number: number, mode: number])[] = [
  [90, 1], // chmod
  [91, 1], // fchmod
  [268, 2], // fchmodat
  [452, 2], // fchmodat2
  [85, 1], // creat
  [133, 1], // mknod
  [259, 2], // mknodat
  [83, 1], // mkdir
  [258, 2], // mkdirat
];
/** Those that take one, behind the flags, when they create something. */
const OPENS: readonly (readonly [number: number, flags: number])[] = [
  [2, 1], // open
  [257, 2], // openat
];
/** Those whose mode lies in memory, which a filter does not see: openat2, io_uring_setup. */
const UNREADABLE = [437, 425];
const X86_64 = 0xc000_003e;
/** From here on are the calls of another ABI. */
const X32 = 0x4000_0000;
const SET_ID = 0o6000;
/** O_CREAT, and what O_TMPFILE has of its own. */
const CREATES = 0o100 | 0o20_000_000;

const KILL = 0x8000_0000;
const ALLOW = 0x7fff_0000;
const REFUSED = 0x0005_0001; // EPERM
const NO_SUCH_CALL = 0x0005_0026; // ENOSYS

// struct seccomp_data.
const NUMBER = 0;
const ARCH = 4;
/** The lower half of an argument: a mode is no longer. */
const argument = (index: number) => 16 + 8 * index;

// linux/bpf_common.h: BPF_JMP | BPF_JEQ…, all with a constant.
const EQUAL = 0x15;
const AT_LEAST = 0x35;
const ANY_BIT = 0x45;

function refuseSetId(mode: number): Buffer[] {
  return [load(argument(mode)), jump(ANY_BIT, SET_ID, 0, 1), give(REFUSED), give(ALLOW)];
}

/** Leaves out so many instructions when what is loaded passes the test, or when it does not. */
function jump(code: number, value: number, passed: number, failed: number): Buffer {
  return instruction(code, passed, failed, value);
}

function load(offset: number): Buffer {
  return instruction(0x20, 0, 0, offset); // BPF_LD | BPF_W | BPF_ABS
}

function give(result: number): Buffer {
  return instruction(0x06, 0, 0, result); // BPF_RET | BPF_K
}

function instruction(code: number, passed: number, failed: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(passed, 2);
  bytes.writeUInt8(failed, 3);
  bytes.writeUInt32LE(value, 4);
  return bytes;
}
