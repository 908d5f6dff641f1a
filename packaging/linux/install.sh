#!/bin/sh
# Puts this folder's program into your own menu; `./install.sh --remove` takes it out again.
# Conversations, settings and models stay either way.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=${XDG_DATA_HOME:-$HOME/.local/share}
bin=$HOME/.local/bin
id=org.cascade-desk.CascadeDesk

refresh() {
    update-desktop-database "$data/applications" >/dev/null 2>&1 || true
    update-mime-database "$data/mime" >/dev/null 2>&1 || true
}

if [ "${1:-}" = "--remove" ]; then
    rm -f "$bin/cascade-desk" "$data/applications/$id.desktop" "$data/mime/packages/$id.xml" \
        "$data/metainfo/$id.metainfo.xml" "$data"/icons/hicolor/*/apps/"$id".*
    refresh
    echo "Removed from the menu. The program itself is still in $here."
    exit 0
fi

mkdir -p "$bin" "$data"
cp -R "$here/share/." "$data/"
# the menu starts it from here, whatever PATH says there; what means something in Exec is quoted
program=$(printf '%s' "$here/cascade-desk" | sed 's/\\/\\\\\\\\/g; s/["`$]/\\\\&/g; s/%/%%/g')
entry=$data/applications/$id.desktop
grep -v '^Exec=' "$here/share/applications/$id.desktop" >"$entry"
printf 'Exec="%s" %%F\n' "$program" >>"$entry"
ln -sf "$here/cascade-desk" "$bin/cascade-desk"
refresh
echo "Cascade Desk is in your menu, and in $bin."
