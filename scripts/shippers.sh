#!/bin/sh
# Puts the log shippers that the tests run into the user's cache folder, each once: Filebeat, built from its
# Go module as it is (the main module is a copy of its go.mod, whose replacements count only there), and
# winston-elasticsearch with the lock file of the tests.
set -eu
cd "$(dirname "$0")/.."

case $(uname) in
Darwin) cache=${HOME:?}/Library/Caches ;;
*) cache=${XDG_CACHE_HOME:-${HOME:?}/.cache} ;;
esac
folder=$cache/jikimi-shippers
beats=github.com/elastic/beats/v7

# build VERSION: takes a bit more than a minute on two cores.
build() {
	name=filebeat-$1
	[ -x "$folder/$name" ] && return
	echo "building $name, once" >&2
	work=$(mktemp -d "$folder/build.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	source=$(cd "$work" && go mod download -json "$beats@v$1" | sed -n 's/^[[:space:]]*"Dir": "\(.*\)",*$/\1/p')
	cp "$source/filebeat/main.go" "$source/go.mod" "$source/go.sum" "$work"
	chmod -R u+w "$work"
	(
		cd "$work"
		go mod edit -module shipper -require "$beats@v$1"
		go build -p 2 -mod=mod -trimpath -ldflags "-s -w" -o "$name" .
	)
	mv "$work/$name" "$folder/$name"
	rm -rf "$work"
}

# winston installs the packages again when the lock file has changed.
winston() {
	cmp -s cmd/web/testdata/winston/package-lock.json "$folder/winston/node_modules/lock" && return
	mkdir -p "$folder/winston"
	cp cmd/web/testdata/winston/package.json cmd/web/testdata/winston/package-lock.json "$folder/winston"
	(cd "$folder/winston" && npm ci --ignore-scripts --no-audit --no-fund)
	cp "$folder/winston/package-lock.json" "$folder/winston/node_modules/lock"
}

mkdir -p "$folder"
build 7.17.29
build 7.10.2
winston
