/**
 * apt's options in the build root: only the backports are asked for, no translations, and it may not change to its
 * own user, who does not exist in the user namespace.
 */
export const APT_OPTIONS = [
  ...['-o', 'APT::Sandbox::User=root'],
  ...['-o', 'Acquire::Languages=none'],
  ...['-o', 'Dir::Etc::SourceList=/etc/apt/sources.list.d/backports.list'],
  ...['-o', 'Dir::Etc::SourceParts=/dev/null'],
  ...['-o', 'APT::Install-Recommends=false'],
];

/** $1 the flavour, the rest apt's options: updates the lists, then prints what they say of every part of its kernels. */
export const LIST_SCRIPT = `
flavour=$1
shift
apt-get "$@" --error-on=any update >&2
apt-cache "$@" pkgnames linux- | grep -E "^linux-(image|binary|modules|base)-[0-9].*-$flavour$" |
  xargs -r apt-cache "$@" show --no-all-versions | sed -nE '/^((Package|Version|Depends|Size|SHA256): |$)/p'
`;

/** $1 the release, the rest apt-get's arguments: fetches a package and takes the kernel's image out of it, into /mnt/out. */
export const IMAGE_SCRIPT = `
release=$1
shift
cd /tmp
apt-get "$@"
dpkg-deb --fsys-tarfile ./*.deb | tar -xO "./usr/lib/modules/$release/vmlinuz" >/mnt/out/bzImage
`;

/** $1 the release, the rest apt-get's arguments: fetches, checks and unpacks the packages into /mnt/out. */
export const FETCH_SCRIPT = `
release=$1
shift
mkdir /mnt/out/debs /mnt/out/unpacked
cd /mnt/out/debs
apt-get "$@"
for deb in *.deb; do dpkg-deb -x "$deb" ../unpacked; done
cd ..
rm -r debs
ln -s usr/lib unpacked/lib
depmod --basedir unpacked "$release"
own="unpacked/usr/lib/modules/$release"
if [ -e "$own/vmlinuz" ]; then
  mv "$own/vmlinuz" bzImage
  mv "$own/config" given-config
else
  mv "unpacked/boot/vmlinuz-$release" bzImage
  mv "unpacked/boot/config-$release" given-config
fi
rm -f "$own/System.map"
mkdir modules modules/lib modules/lib/modules
mv "$own" modules/lib/modules/
rm -r unpacked
`;

/** For what has to come. */
export const PATIENT = ['-o', 'Acquire::Retries=3'];
/** For what would be good to know. */
export const HASTY = [
  '-o',
  'Acquire::Retries=0',
  '-o',
  'Acquire::http::Timeout=5',
  '-o',
  'Acquire::https::Timeout=5',
];
