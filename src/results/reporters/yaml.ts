/** Lines of YAML for a key and its value; each string as JSON, which YAML reads, so that nothing in it can end the block. */
export function yamlLines(key: string, value: string | number | readonly string[] | undefined): string[] {
  if (value === undefined) return [];
  if (typeof value === 'number') return [`${key}: ${value}`];
  if (typeof value === 'string') return [`${key}: ${quoted(value)}`];
  return value.length === 0 ? [] : [`${key}:`, ...value.map((item) => `  - ${quoted(item)}`)];
}

/** YAML wants escaped what JSON does not: DEL, C1, line separators, the byte order mark, lone surrogates, noncharacters. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]|\p{Surrogate}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
