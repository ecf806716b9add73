/**
 * The first key that stands twice in one object of a JSON text, as a path (`suites.default`): JSON.parse would take the last
 * without a word. The text must be valid JSON.
 */
export function repeatedKey(text: string): string | undefined {
  const scopes: { keys: Set<string> | undefined; name: string }[] = [];
  let name = '';
  for (const [token, string] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') {
      scopes.push({ keys: token === '{' ? new Set() : undefined, name });
      name = '';
    } else if (token === '}' || token === ']') {
      scopes.pop();
    } else if (string !== undefined) {
      const keys = scopes.at(-1)?.keys;
      name = JSON.parse(string) as string;
      if (keys?.has(name)) return [...scopes.map((scope) => scope.name), name].filter(Boolean).join('.');
      keys?.add(name);
    }
  }
  return undefined;
}

/** Brackets, and strings that are keys (with what makes them one). Other strings are passed over whole. */
const TOKEN = /("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[{}[\]]/g;
