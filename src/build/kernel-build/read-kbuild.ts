/** Words of the variables in a Kbuild file, by the variable's name once its `$(CONFIG_…)` are put in: `obj-y`, `ext4-y`. */
export type KbuildLists = ReadonlyMap<string, readonly string[]>;

const ASSIGNMENT = /^\s*([\w.$()/,-]+?)\s*(\+=|:=|=)\s*(.*)$/;
const CONDITIONAL = /^\s*(ifeq|ifneq|ifdef|ifndef|else|endif)\b\s*(.*)$/;

/**
 * Reads what a Kbuild file has compiled, as far as that can be told without make: variables of the configuration, and
 * conditions on them. Any other condition counts as true; with `allSides`, both sides of every one do.
 */
export function readKbuild(
  text: string,
  config: ReadonlyMap<string, string>,
  { allSides = false }: { readonly allSides?: boolean } = {},
): KbuildLists {
  const lists = new Map<string, string[]>();
  const conditions: boolean[] = [];
  const expand = (words: string) =>
    words
      .replaceAll(/\$\(subst m,y,\$\((CONFIG_\w+)\)\)/g, (_, name: string) => (config.has(name) ? 'y' : ''))
      .replaceAll(/\$[({](CONFIG_\w+)[)}]/g, (_, name: string) => config.get(name) ?? '')
      .replaceAll('$(SRCARCH)', 'x86')
      .replaceAll('$(BITS)', config.has('CONFIG_64BIT') ? '64' : '32')
      .replaceAll(/\$\((?:obj|src)\)\//g, '');
  for (const line of text.replaceAll('\\\n', ' ').split('\n')) {
    const condition = CONDITIONAL.exec(line);
    if (condition) {
      if (allSides) continue;
      turn(conditions, condition[1] as string, expand(condition[2] as string), (name) => config.has(name));
      continue;
    }
    const assignment = ASSIGNMENT.exec(line);
    if (!assignment || conditions.includes(false)) continue;
    const [, name = '', how, words = ''] = assignment;
    const list = expand(words.replace(/#.*/, ''))
      .split(/\s+/)
      .flatMap((word) => lists.get(/^\$\(([\w-]+)\)$/.exec(word)?.[1] ?? '') ?? word)
      .filter(Boolean);
    const key = expand(name);
    lists.set(key, how === '+=' ? [...(lists.get(key) ?? []), ...list] : list);
  }
  return lists;
}

/** One more condition, or one less, or the other side of one. */
function turn(conditions: boolean[], word: string, rest: string, isSet: (name: string) => boolean): void {
  if (word === 'endif') {
    conditions.pop();
    return;
  }
  if (word === 'else') {
    conditions.push(!(conditions.pop() ?? false));
    return;
  }
  const isAbout = /^if(eq|neq)$/.test(word)
    ? /^\((.*?),(.*)\)\s*$/.exec(rest)
    : /^(CONFIG_\w+)\s*$/.exec(rest);
  if (!isAbout || isAbout.slice(1).some((side) => side.includes('$'))) {
    conditions.push(true);
    return;
  }
  const [, left = '', right = ''] = isAbout;
  const holds = word.startsWith('ifd') || word === 'ifndef' ? isSet(left) : left.trim() === right.trim();
  conditions.push(word === 'ifneq' || word === 'ifndef' ? !holds : holds);
}
