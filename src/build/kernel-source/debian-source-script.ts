/**
 * Both scripts: $1 the suite, $2 the package, $3 `update` to fetch the lists whatever is here, $4 a version and $5 the
 * .deb's SHA-256 where they matter, the rest apt's options. apt keeps its lists below /mnt/apt. A release's own list
 * names its updates, too; the one of its backports is a file of its own.
 */
const PREPARE = `
suite=$1 package=$2 update=$3 version=$4 sha256=$5
shift 5
case $suite in
  *-backports) list=/etc/apt/sources.list.d/backports.list ;;
  *) list=/etc/apt/sources.list ;;
esac
apt=/mnt/apt/$suite
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
set -- -o "Dir::Etc::SourceList=$list" -o Dir::Etc::SourceParts=/dev/null -o APT::Sandbox::User=root \\
  -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o Acquire::Languages=none "$@"
`;

/** Prints what the lists say of every version of the package, newest first, then the names of all such packages. */
export const LIST_SOURCES = `${PREPARE}
if [ "$update" = update ]; then apt-get "$@" --error-on=any update >&2; fi
apt-cache "$@" show "$package" | sed -nE '/^((Package|Version|Size|SHA256): |$)/p' || true
echo
for name in $(apt-cache "$@" pkgnames linux-source-); do echo "Known: $name"; done
`;

/**
 * Fetches one version, which apt verifies by the archive's signature, and unpacks it into /mnt/out/tree; the date of
 * the newest entry of its changelog goes into /mnt/out/epoch.
 */
export const FETCH_SOURCE = `${PREPARE}
if ! apt-cache "$@" show "$package=$version" >/dev/null 2>&1; then apt-get "$@" --error-on=any update; fi
mkdir /mnt/out/fetch /mnt/out/tree
cd /mnt/out/fetch
apt-get "$@" download "$package=$version"
echo "$sha256  $(echo *.deb)" | sha256sum --check --strict
echo unpacking
dpkg-deb --fsys-tarfile *.deb | tar --extract --no-same-owner --wildcards './usr/src/*.tar.*' './usr/share/doc/*/changelog*'
XZ_OPT=-T0 tar --extract --file usr/src/linux-source-*.tar.* --directory ../tree --strip-components=1 \\
  --no-same-owner --no-same-permissions
newest=$(zcat usr/share/doc/*/changelog*.gz 2>/dev/null | sed -n 's/^ -- .*>  //p' | head -n 1)
if [ -n "$newest" ]; then date --date="$newest" +%s >../epoch
else find ../tree -printf '%T@\\n' | sort -n | tail -n 1 | cut -d. -f1 >../epoch; fi
cd ..
rm -r fetch
`;
