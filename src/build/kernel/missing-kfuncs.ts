import { KIND_FUNC, offsetsOf, readBtf, walkTypes } from './btf.ts';

/** Of a set of kfuncs in .BTF_ids; see include/linux/btf_ids.h. */
const SET_OF_KFUNCS = 1;
/** The verifier itself adds the last arguments; see KF_IMPLICIT_ARGS in include/linux/btf.h. Since Linux 7.0. */
const IMPLICIT_ARGS = 1 << 16;

/**
 * The kfuncs that a kernel has but no BPF program can call, sorted; undefined when the tables are damaged.
 *
 * A kfunc with implicit arguments has two functions in BTF: its own name with the arguments that a program passes, and
 * NAME_impl with all of them, which the verifier looks for. resolve_btfids makes the second from the first where pahole
 * has tagged it as a kfunc. A kernel whose build lost such tags looks whole, boots, and refuses every scheduler that
 * calls one: "func_proto incompatible with vmlinux", or "cannot find function NAME_impl in BTF". So the question that
 * the verifier will ask is asked here: which kfuncs of the kernel's own sets have the flag but no NAME_impl?
 */
export function findMissingKfuncs(bytes: Buffer, btfIds: Buffer): string[] | undefined {
  const btf = readBtf(bytes);
  if (btf === undefined) return undefined;
  const functions = new Map<number, number>();
  const isWhole = walkTypes(btf.types, (kind, nameOffset, id) => {
    if (kind === KIND_FUNC) functions.set(id, nameOffset);
  });
  if (!isWhole) return undefined;
  const functionNames = new Set(functions.values());
  const missing = new Set<string>();
  for (const { id, flags } of readKfuncs(btfIds, functions)) {
    if ((flags & IMPLICIT_ARGS) === 0) continue;
    const name = nameAt(btf.strings, functions.get(id) ?? 0);
    const twins = offsetsOf(btf.strings, `${name}_impl`);
    if (!twins.some((offset) => functionNames.has(offset))) missing.add(name);
  }
  return [...missing].sort();
}

interface Kfunc {
  /** Of its FUNC in the kernel's BTF. */
  readonly id: number;
  readonly flags: number;
}

/**
 * The members of all sets of kfuncs. A stripped kernel says nowhere where in .BTF_ids a set begins, but hardly anything
 * else looks like one: a count, the mark of kfuncs, and that many pairs whose first halves ascend and are functions,
 * or zero for one that this configuration left out.
 */
function readKfuncs(btfIds: Buffer, functions: ReadonlyMap<number, number>): Kfunc[] {
  const words = Math.floor(btfIds.length / 4);
  const word = (index: number) => btfIds.readUInt32LE(index * 4);
  const kfuncs: Kfunc[] = [];
  for (let at = 0; at + 2 <= words; ) {
    const count = word(at);
    const isSet = word(at + 1) === SET_OF_KFUNCS && count > 0 && at + 2 + 2 * count <= words;
    const pairs = Array.from({ length: isSet ? count : 0 }, (_, index) => ({
      id: word(at + 2 + 2 * index),
      flags: word(at + 3 + 2 * index),
    }));
    const isValid = pairs.every(
      ({ id }, index) => (id === 0 || functions.has(id)) && id >= (pairs[index - 1]?.id ?? 0),
    );
    if (isSet && isValid) kfuncs.push(...pairs.filter(({ id }) => id !== 0));
    at += isSet && isValid ? 2 + 2 * count : 1;
  }
  return kfuncs;
}

function nameAt(strings: Buffer, offset: number): string {
  const end = strings.indexOf(0, offset);
  return strings.toString('latin1', offset, end < 0 ? strings.length : end);
}
