import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guestPath, orderShares, parseShare, pathInGuest } from './share-spec.ts';

describe('--share', () => {
  it.each([
    ['/data', { host: '/data', readOnly: false }],
    ['/data:ro', { host: '/data', readOnly: true }],
    ['/data:rw', { host: '/data', readOnly: false }],
    ['/data:/mnt', { host: '/data', guest: '/mnt', readOnly: false }],
    ['/data:/mnt/:ro', { host: '/data', guest: '/mnt', readOnly: true }],
    ['./a b', { host: './a b', readOnly: false }],
    ['it\'s "here"\nnow:/mnt', { host: 'it\'s "here"\nnow', guest: '/mnt', readOnly: false }],
    ['a:b:/mnt:ro', { host: 'a:b', guest: '/mnt', readOnly: true }],
  ])('understands %j', (text, share) => {
    expect(parseShare(text)).toEqual(share);
  });

  it.each(['', ':ro', ':/mnt'])('refuses %j, which names no directory', (text) => {
    expect(() => parseShare(text)).toThrow('names no directory');
  });

  it.each(['/', '//', '/usr', '/proc/1', '/etc/', '/mnt/../usr', '/dev/shm', '/opt/devbox/bin'])(
    "refuses to hide the guest's own %s",
    (path) => {
      expect(() => guestPath(path)).toThrow("the guest's own files are there");
    },
  );

  it('never puts a share on a directory with the guest’s system below it, however the path is written', () => {
    const part = fc.constantFrom('usr', 'etc', '.', '..', '', 'proc', 'mnt');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        let path: string;
        try {
          path = guestPath(`/${parts.join('/')}`);
        } catch {
          return;
        }
        expect(path).toMatch(/^\/[^/]/);
        expect(path.split('/')).not.toContain('..');
        expect(['/usr', '/etc', '/proc']).not.toContain(path);
      }),
    );
  });
});

describe('several shares', () => {
  const share = (host: string, guest: string) => ({ host, guest, readOnly: false });

  it('are mounted from the outside in', () => {
    expect(orderShares([share('/b', '/mnt/inner'), share('/a', '/mnt')]).map(({ host }) => host)).toEqual([
      '/a',
      '/b',
    ]);
  });

  it('cannot be at one place', () => {
    expect(() => orderShares([share('/a', '/mnt'), share('/b', '/mnt')])).toThrow('cannot both be at "/mnt"');
  });

  it('show a host path in the innermost one that holds it', () => {
    const shares = [share('/home', '/h'), share('/home/me/work', '/w')];
    expect(pathInGuest('/home/me/work/x', shares)).toBe('/w/x');
    expect(pathInGuest('/home/me/workshop', shares)).toBe('/h/me/workshop');
    expect(pathInGuest('/home/me/work', shares)).toBe('/w');
    expect(pathInGuest('/tmp', shares)).toBeUndefined();
  });
});
