#!/bin/sh
# Puts this folder's program into your own menu; `./install.sh --remove` takes it out again.
# Conversations, settings and models stay either way.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=${XDG_DATA_HOME:-$HOME/.local/share}
bin=$HOME/.local/bin
id=org.cascade-desk.CascadeDesk

refresh() {
    for tool in "update-desktop-database $data/applications" "update-mime-database $data/mime"; do
        # shellcheck disable=SC2086
        command -v ${tool%% *} >/dev/null 2>&1 && $tool >/dev/null 2>&1 || true
    done
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
# the menu starts it from here, whatever PATH says there
sed "s|^Exec=.*|Exec=\"$here/cascade-desk\" %F|" "$here/share/applications/$id.desktop" \
    >"$data/applications/$id.desktop"
ln -sf "$here/cascade-desk" "$bin/cascade-desk"
refresh
echo "Cascade Desk is in your menu, and in $bin."
