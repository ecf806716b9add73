import { expect, test } from 'vitest';
import { diffConfig, findUnfulfilled } from './compare-config.ts';
import { parseFragment } from './parse-fragment.ts';

const CONFIG =
  '# made\nCONFIG_SMP=y\nCONFIG_DISK=m\n# CONFIG_VT is not set\nCONFIG_BASE=0x1000\nCONFIG_NAME="a"\n';

test('what came out as asked is not told, however a number is written', () => {
  const asked =
    'CONFIG_SMP=y\n# CONFIG_VT is not set\n# CONFIG_UNHEARD_OF is not set\nCONFIG_BASE=4096\nCONFIG_NAME="a"\nCONFIG_KEYS=""';
  expect(findUnfulfilled(parseFragment('f', asked), CONFIG)).toEqual([]);
});

test('what came out otherwise is told with what it came to', () => {
  const asked =
    '# CONFIG_SMP is not set\nCONFIG_DISK=y\nCONFIG_VT=y\nCONFIG_MISSING=y\nCONFIG_BASE=0x2000\nCONFIG_NAME="b"';
  const found = findUnfulfilled(parseFragment('f', asked), CONFIG);
  expect(found.map(({ request, actual }) => [request.symbol, request.value, actual])).toEqual([
    ['SMP', 'n', 'y'],
    ['DISK', 'y', 'm'],
    ['VT', 'y', 'n'],
    ['MISSING', 'y', 'n'],
    ['BASE', '0x2000', '0x1000'],
    ['NAME', '"b"', '"a"'],
  ]);
});

test('two configurations differ in what is set in one only, or otherwise', () => {
  const other = 'CONFIG_DISK=y\nCONFIG_NEW=y\nCONFIG_BASE=0x1000\nCONFIG_NAME="a"\n';
  expect(diffConfig(CONFIG, other)).toEqual([
    { symbol: 'DISK', a: 'm', b: 'y' },
    { symbol: 'NEW', a: 'n', b: 'y' },
    { symbol: 'SMP', a: 'y', b: 'n' },
  ]);
});
