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

/** Parses what `apt-cache show` prints. Stanzas without a name, version, size or digest are left out. */
export function parsePackages(text: string): DebianPackage[] {
  return text.split(/\n\n+/).flatMap((stanza) => {
    const fields = new Map(
      [...stanza.matchAll(/^([A-Za-z0-9-]+): (.*)$/gm)].map((match) => [match[1], match[2]] as const),
    );
    const [name, version, sha256, size] = ['Package', 'Version', 'SHA256', 'Size'].map((field) =>
      fields.get(field),
    );
    if (name === undefined || version === undefined || !/^[0-9a-f]{64}$/.test(sha256 ?? '')) return [];
    return [{ name, version, sha256: sha256 as string, size: Number(size) }];
  });
}

/**
 * The kernel among packages: its image is named linux-image-RELEASE and, since Linux 6.19, holds nothing itself;
 * linux-base-, linux-binary- and linux-modules-RELEASE do.
 */
export function findKernel(packages: readonly DebianPackage[]): DebianKernel | undefined {
  const releases = packages.flatMap(({ name }) => /^linux-image-(\d.*)$/.exec(name)?.[1] ?? []);
  const release = releases[0];
  if (release === undefined) return undefined;
  const own = packages.filter(({ name }) => name.endsWith(`-${release}`));
  const parts = own.filter(({ name }) => name !== `linux-image-${release}`);
  const chosen = parts.length > 0 ? parts : own;
  return { release, packages: chosen.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
}
