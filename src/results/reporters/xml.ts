/** Attributes that are undefined are left out. */
export type XmlAttributes = Readonly<Record<string, string | number | undefined>>;

/** An element around what is XML already; without content, an empty one. */
export function xmlElement(name: string, attributes: XmlAttributes, content: readonly string[] = []): string {
  const head = [name, ...Object.entries(attributes).flatMap(([key, value]) => xmlAttribute(key, value))].join(
    ' ',
  );
  return content.length === 0 ? `<${head}/>` : `<${head}>${content.join('')}</${name}>`;
}

export function xmlText(text: string): string {
  return withoutForbidden(text).replace(/[&<>\r]/g, (character) => REFERENCES[character] as string);
}

function xmlAttribute(key: string, value: string | number | undefined): string[] {
  if (value === undefined) return [];
  const text = withoutForbidden(String(value));
  return [`${key}="${text.replace(/[&<>"\r\n\t]/g, (character) => REFERENCES[character] as string)}"`];
}

const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
  '\n': '&#10;',
  '\t': '&#9;',
};

/** XML 1.0 cannot hold them, not even as a reference: https://www.w3.org/TR/xml/#charsets */
function withoutForbidden(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is forbidden
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, '\ufffd');
}
