export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  /** SHA-256 of the .deb, hex. */
  readonly sha256: string;
  /** Of the .deb, bytes. */
  readonly size: number;
}

export interface DebianKernel {
  /** As `uname -r` will print it. */
  readonly release: string;
  readonly packages: readonly DebianPackage[];
}

interface Stanza extends DebianPackage {
  readonly depends: string;
}

/**
 * The whole kernels of a flavour (`cloud-amd64`) in what `apt-cache show` prints, newest first. One is named
 * linux-image-RELEASE and, since Linux 6.19, holds nothing itself: linux-base-, linux-binary- and linux-modules-RELEASE
 * do. Of old ones a suite may keep a part only, which cannot be booted. Stanzas without a version, size or digest do
 * not count.
 */
export function findKernels(text: string, flavour: string): DebianKernel[] {
  const stanzas = new Map(parseStanzas(text).map((stanza) => [stanza.name, stanza]));
  const kernels = [...stanzas.values()].flatMap((image) => {
    const release = /^linux-image-(\d.*)$/.exec(image.name)?.[1];
    if (release === undefined || !isOfFlavour(release, flavour)) return [];
    const parts = partsOf(image, release).map((name) => stanzas.get(name));
    const packages = parts.flatMap((part) => (part ? [withoutDepends(part)] : []));
    return packages.length === parts.length ? [{ release, packages }] : [];
  });
  return kernels.sort((a, b) => compareReleases(b.release, a.release));
}

/** What a user calls a release: `7.2.12` of `7.2.12+deb13-cloud-amd64`. */
export function versionOf(release: string): string {
  return /^\d+(?:\.\d+)*/.exec(release)?.[0] ?? release;
}

function partsOf(image: Stanza, release: string): string[] {
  const names = ['base', 'binary', 'modules'].map((part) => `linux-${part}-${release}`);
  const depends = new Set(image.depends.split(/[\s,|]+/));
  // An image of one package may depend on linux-base-RELEASE, too, but only for its documentation.
  return depends.has(`linux-binary-${release}`) ? names.filter((name) => depends.has(name)) : [image.name];
}

function isOfFlavour(release: string, flavour: string): boolean {
  return release.endsWith(`-${flavour}`) && !release.slice(0, -flavour.length - 1).includes('-');
}

function compareReleases(a: string, b: string): number {
  const [left = [], right = []] = [a, b].map((release) => versionOf(release).split('.').map(Number));
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a < b ? -1 : Number(a > b);
}

function withoutDepends({ name, version, sha256, size }: Stanza): DebianPackage {
  return { name, version, sha256, size };
}

function parseStanzas(text: string): Stanza[] {
  return text.split(/\n\n+/).flatMap((stanza) => {
    const fields = new Map(
      [...stanza.matchAll(/^([A-Za-z0-9-]+): (.*)$/gm)].map((match) => [match[1], match[2]] as const),
    );
    const [name, version, sha256, size] = ['Package', 'Version', 'SHA256', 'Size'].map((field) =>
      fields.get(field),
    );
    if (name === undefined || version === undefined || !/^[0-9a-f]{64}$/.test(sha256 ?? '')) return [];
    const depends = fields.get('Depends') ?? '';
    return [{ name, version, sha256: sha256 as string, size: Number(size), depends }];
  });
}
