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

/** $1 the suite, $2 a metapackage: updates the lists, then prints every package that it pulls in of the suite. */
export const NEWEST_SCRIPT = `
suite=$1 package=$2
shift 2
apt-get "$@" --error-on=any update >&2
apt-cache "$@" -t "$suite" depends --recurse --important "$package" | sed -n 's/^\\(linux-[a-z]*-[0-9].*\\)/\\1/p' |
  while read -r name; do apt-cache "$@" show --no-all-versions "$name"; done
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
mkdir modules modules/lib modules/lib/modules
mv "unpacked/usr/lib/modules/$release" modules/lib/modules/
rm -r unpacked
cd "modules/lib/modules/$release"
mv vmlinuz /mnt/out/bzImage
mv config /mnt/out/given-config
rm -f System.map
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
