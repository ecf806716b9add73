import { SaxesParser } from 'saxes';

export interface XmlNode {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlNode[];
  text: string;
}

/** By a parser that takes nothing that is not well-formed; throws what it says. */
export function readXml(xml: string): XmlNode {
  const top: XmlNode = { name: '', attributes: {}, children: [], text: '' };
  const open = [top];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const node = { name, attributes: { ...attributes }, children: [], text: '' };
    open.at(-1)?.children.push(node);
    open.push(node);
  });
  parser.on('text', (text) => {
    (open.at(-1) as XmlNode).text += text;
  });
  parser.on('closetag', () => {
    open.pop();
  });
  parser.write(xml).close();
  return top.children[0] as XmlNode;
}

/** What junit-10.xsd, of Jenkins' xunit plugin, allows: attributes (`!`: required) and children. */
const SCHEMA: Readonly<Record<string, { attributes: string; children: string }>> = {
  testsuites: { attributes: 'name time tests failures errors', children: 'testsuite' },
  testsuite: {
    attributes:
      'name! tests! failures! errors! group time skipped timestamp hostname id package file log url',
    children: 'testsuite properties testcase system-out system-err',
  },
  properties: { attributes: '', children: 'property' },
  property: { attributes: 'name! value!', children: '' },
  testcase: {
    attributes: 'name! time classname group',
    children: 'skipped error failure rerunFailure rerunError flakyFailure flakyError system-out system-err',
  },
  failure: { attributes: 'type message', children: '' },
  error: { attributes: 'type message', children: '' },
  skipped: { attributes: 'type message', children: '' },
  'system-out': { attributes: '', children: '' },
  'system-err': { attributes: '', children: '' },
};
const MAY_HOLD_TEXT = ['failure', 'error', 'skipped', 'system-out', 'system-err'];
const TIME = /^(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?$/;

/** What the schema does not allow. */
export function checkJunit(node: XmlNode): string[] {
  const rule = SCHEMA[node.name];
  if (!rule) return [`${node.name}: unknown`];
  const known = rule.attributes.split(' ');
  const { attributes } = node;
  return [
    ...Object.keys(attributes)
      .filter((key) => !known.includes(key) && !known.includes(`${key}!`))
      .map((key) => `${node.name}: attribute ${key}`),
    ...known
      .filter((key) => key.endsWith('!') && attributes[key.slice(0, -1)] === undefined)
      .map((key) => `${node.name}: no ${key}`),
    ...(attributes.time === undefined || TIME.test(attributes.time)
      ? []
      : [`${node.name}: ${attributes.time}`]),
    ...(MAY_HOLD_TEXT.includes(node.name) || node.text.trim() === '' ? [] : [`${node.name}: text`]),
    ...node.children.flatMap((child) =>
      rule.children.split(' ').includes(child.name)
        ? checkJunit(child)
        : [`${node.name}: child ${child.name}`],
    ),
  ];
}
