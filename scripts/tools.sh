#!/bin/sh
# Checks that the programs which the tests need are there. As root on a Debian system it installs the
# browser, the fonts, and what the test Elasticsearch runs on; what is still missing then is named in one sentence.
set -eu

chromium=${CHROMIUM:-/usr/bin/chromium}

has() { command -v "$1" >/dev/null 2>&1; }
has_compiler() { has "$(go env CC 2>/dev/null || echo cc)" || has gcc || has clang; }
has_node() { has node && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ]; }
has_jdk() { has java && ls /usr/lib/jvm/*17*/bin/javac >/dev/null 2>&1; } # as testbed looks for it
has_korean() { has fc-list && [ -n "$(fc-list :lang=ko)" ]; }

installable() {
	[ -x "$chromium" ] || [ -n "${CHROMIUM:-}" ] || echo chromium
	has_korean || echo fonts-noto-cjk
	has_jdk || echo openjdk-17-jdk-headless
	has mvn || echo maven
}

missing() {
	has git || echo "git"
	has go || echo "Go"
	has_compiler || echo "a C compiler"
	has_node || echo "Node.js 20 or newer"
	has npm || echo "npm"
	[ -x "$chromium" ] || echo "Chromium ($chromium, or name another one in CHROMIUM)"
	has_korean || echo "a Korean font (fonts-noto-cjk)"
	has_jdk || echo "a JDK 17 below /usr/lib/jvm (openjdk-17-jdk-headless), for the test Elasticsearch"
	has mvn || echo "Maven (maven), for the test Elasticsearch"
}

packages=$(installable)
if [ -n "$packages" ] && [ "$(id -u)" = 0 ] && has apt-get; then
	apt-get update -q
	# shellcheck disable=SC2086 # one word a package
	DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $packages fontconfig
fi

lacking=$(missing | paste -sd ';' | sed 's/;/, /g')
if [ -n "$lacking" ]; then
	echo "make test needs what is not there: $lacking." >&2
	exit 1
fi
