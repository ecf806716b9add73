import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What Kconfig files say of a symbol, all its definitions together. */
export interface SymbolText {
  readonly hasPrompt: boolean;
  /** One for each definition: everything that must hold, of menus and `if`s around it too. */
  readonly conditions: readonly (readonly string[])[];
  readonly selectedBy: readonly string[];
}

/** Files of one tree; more means that they include each other in a circle. */
const FILES = 5000;

interface Definition {
  name: string;
  hasPrompt: boolean;
  own: string[];
  readonly around: readonly string[][];
}

/**
 * Reads the Kconfig files of an x86 tree line by line, with no more of the language than what decides whether a symbol can be
 * set. For trees that kconfiglib does not understand.
 */
export function readKconfigFiles(tree: string): Map<string, SymbolText> {
  const definitions: Definition[] = [];
  const selects = new Map<string, Set<string>>();
  const around: string[][] = [];
  let files = 0;

  const readOne = (path: string): void => {
    files += 1;
    const text = files > FILES ? undefined : readText(join(tree, path));
    if (text === undefined) return;
    let current: Definition | undefined;
    /** Conditions of the menu or choice whose head this is. */
    let head: string[] | undefined;
    let helpIndent: number | undefined;
    for (const line of text.replaceAll(/\\\n/g, ' ').replaceAll('\t', '        ').split('\n')) {
      const indent = line.search(/\S/);
      if (indent < 0) continue;
      if (helpIndent !== undefined) {
        if (helpIndent < 0) helpIndent = indent;
        if (indent >= helpIndent && indent > 0) continue;
        helpIndent = undefined;
      }
      const [word = '', rest = ''] = split(line.trim().replace(/\s#.*$/, ''));
      switch (word) {
        case 'config':
        case 'menuconfig':
          current = { name: rest, hasPrompt: false, own: [], around: [...around] };
          definitions.push(current);
          head = undefined;
          break;
        case 'menu':
        case 'choice':
          head = [];
          around.push(head);
          current = undefined;
          break;
        case 'if':
          around.push([rest]);
          current = undefined;
          break;
        case 'endmenu':
        case 'endchoice':
        case 'endif':
          around.pop();
          head = undefined;
          current = undefined;
          break;
        case 'source':
          current = undefined;
          readOne(sourced(rest));
          break;
        case 'comment':
          current = undefined;
          head = undefined;
          break;
        case 'depends':
          (current?.own ?? head)?.push(depends(rest.replace(/^on\s+/, '')));
          break;
        case 'visible':
          head?.push(rest.replace(/^if\s+/, ''));
          break;
        case 'help':
        case '---help---':
          helpIndent = -1;
          break;
        case 'select':
          if (current) add(selects, rest.split(/\s/)[0] ?? '', current.name);
          break;
        case 'prompt':
        case 'bool':
        case 'tristate':
        case 'string':
        case 'int':
        case 'hex':
          prompt(rest, current);
          break;
      }
    }
  };
  readOne('Kconfig');
  return gather(definitions, selects);
}

function prompt(rest: string, current: Definition | undefined): void {
  if (!current || !/^["']/.test(rest)) return;
  current.hasPrompt = true;
  const condition = /^(?:"[^"]*"|'[^']*')\s+if\s+(.*)$/.exec(rest)?.[1];
  if (condition !== undefined) current.own.push(condition);
}

/** `A if B` is `A || !B`. */
function depends(text: string): string {
  const match = /^(.*)\sif\s(.*)$/.exec(text);
  return match ? `(${match[1]}) || !(${match[2]})` : text;
}

function sourced(text: string): string {
  const path = text.replace(/^["']|["']$/g, '');
  return path.replaceAll(/\$\(?(?:SRCARCH|HEADER_ARCH)\)?/g, 'x86').replaceAll(/\$\(?ARCH\)?/g, 'x86');
}

function gather(
  definitions: readonly Definition[],
  selects: ReadonlyMap<string, ReadonlySet<string>>,
): Map<string, SymbolText> {
  const symbols = new Map<string, SymbolText>();
  for (const { name, hasPrompt, own, around } of definitions) {
    const known = symbols.get(name);
    symbols.set(name, {
      hasPrompt: hasPrompt || known?.hasPrompt === true,
      conditions: [...(known?.conditions ?? []), [...around.flat(), ...own]],
      selectedBy: [...(selects.get(name) ?? [])],
    });
  }
  return symbols;
}

function split(line: string): [string, string] {
  const at = line.search(/\s/);
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at).trim()];
}

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key) ?? new Set();
  map.set(key, set.add(value));
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
