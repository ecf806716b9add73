/** n, m and y are 0, 1 and 2. */
export type Tristate = 0 | 1 | 2;

/** An expression of Kconfig, far enough for `depends on`. */
export type Expression =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Expression[] }
  | { readonly kind: 'not'; readonly part: Expression }
  | { readonly kind: 'compare'; readonly left: string; readonly operator: string; readonly right: string }
  | { readonly kind: 'symbol'; readonly name: string };

/** Undefined for what is none, such as a call of the preprocessor. */
export function parseExpression(text: string): Expression | undefined {
  const tokens = text.match(/"[^"]*"|&&|\|\||!=|<=|>=|[!()=<>]|[\w.-]+/g) ?? [];
  if (tokens.join('') !== text.replace(/\s+/g, '')) return undefined;
  let at = 0;
  const list = (kind: 'and' | 'or', operator: string, part: () => Expression | undefined) => {
    const parts = [part()];
    while (tokens[at] === operator) {
      at += 1;
      parts.push(part());
    }
    const whole = parts.filter((one) => one !== undefined);
    if (whole.length < parts.length) return undefined;
    return whole.length === 1 ? whole[0] : { kind, parts: whole };
  };
  const or = (): Expression | undefined => list('or', '||', and);
  const and = (): Expression | undefined => list('and', '&&', unary);
  const unary = (): Expression | undefined => {
    const token = tokens[at];
    at += 1;
    if (token === '!') {
      const part = unary();
      return part && { kind: 'not', part };
    }
    if (token === '(') {
      const inner = or();
      at += 1;
      return tokens[at - 1] === ')' ? inner : undefined;
    }
    if (token === undefined || !/^[\w".-]/.test(token)) return undefined;
    const operator = tokens[at];
    if (operator === undefined || !/^(?:!=|[<>]=?|=)$/.test(operator)) return { kind: 'symbol', name: token };
    const right = tokens[at + 1] ?? '';
    at += 2;
    return { kind: 'compare', left: token, operator, right };
  };
  const expression = or();
  return at === tokens.length ? expression : undefined;
}

/** What it comes to, given the value of a symbol as a .config writes it. */
export function evaluate(expression: Expression, lookUp: (name: string) => string): Tristate {
  switch (expression.kind) {
    case 'and':
      return Math.min(...expression.parts.map((part) => evaluate(part, lookUp))) as Tristate;
    case 'or':
      return Math.max(...expression.parts.map((part) => evaluate(part, lookUp))) as Tristate;
    case 'not':
      return (2 - evaluate(expression.part, lookUp)) as Tristate;
    case 'compare':
      return compare(expression.operator, literal(expression.left), literal(expression.right)) ? 2 : 0;
    case 'symbol':
      return tristate(literal(expression.name));
    default:
      return expression satisfies never;
  }

  function literal(word: string): string {
    if (/^(?:[ymn]|-?\d+|0[xX][\da-fA-F]+)$/.test(word)) return word;
    return word.startsWith('"') ? word.slice(1, -1) : lookUp(word).replace(/^"|"$/g, '');
  }
}

export function tristate(value: string): Tristate {
  return value === 'y' ? 2 : value === 'm' ? 1 : 0;
}

export function showExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'and':
      return expression.parts.map(inner).join(' && ');
    case 'or':
      return expression.parts.map(inner).join(' || ');
    case 'not':
      return `!${inner(expression.part)}`;
    case 'compare':
      return `${expression.left} ${expression.operator} ${expression.right}`;
    case 'symbol':
      return expression.name;
    default:
      return expression satisfies never;
  }
}

function inner(expression: Expression): string {
  const shown = showExpression(expression);
  return expression.kind === 'and' || expression.kind === 'or' ? `(${shown})` : shown;
}

function compare(operator: string, left: string, right: string): boolean {
  if (operator === '=') return left === right;
  if (operator === '!=') return left !== right;
  const [a, b] = [Number(left), Number(right)];
  if (operator === '<') return a < b;
  if (operator === '<=') return a <= b;
  return operator === '>' ? a > b : a >= b;
}
