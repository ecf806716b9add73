/**
 * Adds to the archive what is not Debian's, and makes the disk out of it: `mke2fs -d` takes owners and modes from the
 * archive, so nobody has to be root. $1 is the size of all that goes in, bytes.
 *
 * No journal and no checksums: nothing is ever written to it, and under emulation each checksum costs the guest time.
 */
export const DISK_SCRIPT = `
cd /tmp/add
mkdir -p opt/devbox mnt srv
echo devbox >hostname
printf '127.0.0.1 localhost devbox\\n::1 localhost\\n' >hosts
mkdir etc
mv hostname hosts etc
find . -type d -exec chmod 0755 '{}' +
tar --append --file=/mnt/out/root.tar --owner=0 --group=0 --numeric-owner --sort=name --mtime="@$SOURCE_DATE_EPOCH" .
id=6465766f-6278-4f73-8000-726f6f740001
mke2fs -q -t ext4 -L devbox -U "$id" -E "hash_seed=$id,root_owner=0:0,lazy_itable_init=1" -b 4096 -m 0 -i 8192 \\
  -O ^has_journal,^metadata_csum,^resize_inode,^orphan_file -d /mnt/out/root.tar \\
  /mnt/out/disk.ext4 "$(( ($1 + $1 / 8) / 1024 + 32768 ))K"
`;
