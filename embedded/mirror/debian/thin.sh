#!/bin/sh
# Removes from a Debian system what no program reads, and keeps packages installed later from bringing it back.
set -eu
root=${1:?folder of the system}
unread="usr/share/doc usr/share/man usr/share/info usr/share/locale usr/share/lintian"

for folder in $unread var/lib/apt/lists var/cache/apt var/cache/debconf var/cache/ldconfig var/log; do
    find "$root/$folder" -mindepth 1 -delete 2>/dev/null || true
done
rm -f "$root/etc/resolv.conf" "$root/etc/hostname"
mkdir -p "$root/usr/share/man/man1" # Java's packages cannot be set up without it

{
    echo force-unsafe-io
    for folder in $unread; do echo "path-exclude /$folder/*"; done
} >"$root/etc/dpkg/dpkg.cfg.d/slim"

cat >"$root/etc/apt/apt.conf.d/slim" <<'END'
APT::Keep-Downloaded-Packages "false";
APT::Install-Recommends "false";
Acquire::Languages "none";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
END

printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
