# shellcheck shell=bash
# Writes the files of a broker for scripts/kafka: server.properties, client.properties, certificates.
# Everything listens on the loopback interface only.

# write_common DIR: what both kinds of broker share.
write_common() {
    cat <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.listener.names=CONTROLLER
log.dirs=$1/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=6
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=6
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
auto.create.topics.enable=false
log.cleaner.backoff.ms=500
log.segment.delete.delay.ms=1000
log.cleaner.dedupe.buffer.size=16777216
PROPERTIES
}

# write_plain DIR PORT CONTROLLER_PORT [ADVERTISED LISTENER]…: no authentication, no encryption. For each pair one more
# listener whose advertised address is another one, which a proxy takes.
write_plain() {
    local dir=$1 port=$2 controller=$3 name number=0
    local map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
    local listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
    local advertised=PLAINTEXT://127.0.0.1:$port
    shift 3
    while (($#)); do
        name=PROXIED$((++number))
        map+=,$name:PLAINTEXT
        listeners+=,$name://127.0.0.1:$2
        advertised+=,$name://127.0.0.1:$1
        echo "proxied=127.0.0.1:$1,127.0.0.1:$2" >>"$dir/proxied"
        shift 2
    done
    {
        write_common "$dir"
        cat <<PROPERTIES
controller.quorum.voters=1@127.0.0.1:$controller
listener.security.protocol.map=$map
inter.broker.listener.name=PLAINTEXT
listeners=$listeners
advertised.listeners=$advertised
PROPERTIES
    } >"$dir/server.properties"
    : >"$dir/client.properties"
}

# write_node DIR ID PORT CONTROLLER_PORT VOTERS: one of several brokers. Later lines win.
write_node() {
    {
        write_common "$1"
        cat <<PROPERTIES
node.id=$2
controller.quorum.voters=$5
listeners=PLAINTEXT://127.0.0.1:$3,CONTROLLER://127.0.0.1:$4
advertised.listeners=PLAINTEXT://127.0.0.1:$3
offsets.topic.replication.factor=3
transaction.state.log.replication.factor=3
transaction.state.log.min.isr=2
share.coordinator.state.topic.replication.factor=3
PROPERTIES
    } >"$1/server.properties"
    : >"$1/client.properties"
}

# write_sasl DIR PORT CONTROLLER_PORT: SCRAM over TLS, and ACLs that deny whatever they do not allow.
write_sasl() {
    local scram=org.apache.kafka.common.security.scram.ScramLoginModule
    local plain=org.apache.kafka.common.security.plain.PlainLoginModule
    write_certificates "$1/tls"
    {
        write_common "$1"
        cat <<PROPERTIES
controller.quorum.voters=1@127.0.0.1:$3
listeners=TLS://127.0.0.1:$2,CONTROLLER://127.0.0.1:$3
advertised.listeners=TLS://127.0.0.1:$2
listener.security.protocol.map=TLS:SASL_SSL,CONTROLLER:SASL_PLAINTEXT
inter.broker.listener.name=TLS
sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
sasl.mechanism.controller.protocol=PLAIN
listener.name.tls.scram-sha-512.sasl.jaas.config=$scram required username="admin" password="admin-secret";
listener.name.controller.sasl.enabled.mechanisms=PLAIN
listener.name.controller.plain.sasl.jaas.config=$plain required username="admin" password="admin-secret" user_admin="admin-secret";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:admin
allow.everyone.if.no.acl.found=false
ssl.keystore.type=PEM
ssl.keystore.location=$1/tls/broker.pem
ssl.truststore.type=PEM
ssl.truststore.location=$1/tls/ca.pem
PROPERTIES
    } >"$1/server.properties"
    cat >"$1/client.properties" <<PROPERTIES
security.protocol=SASL_SSL
sasl.mechanism=SCRAM-SHA-512
sasl.jaas.config=$scram required username="admin" password="admin-secret";
ssl.truststore.type=PEM
ssl.truststore.location=$1/tls/ca.pem
PROPERTIES
}

# write_certificates DIR: a CA of its own, and the broker's certificate for 127.0.0.1 and localhost.
write_certificates() {
    mkdir -p "$1"
    (
        cd "$1"
        local curve=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)
        openssl req -x509 "${curve[@]}" -keyout ca.key -out ca.pem -days 3650 -subj /CN=revbus-test-ca
        openssl req "${curve[@]}" -keyout broker.key -out broker.csr -subj /CN=localhost
        printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n' >broker.ext
        openssl x509 -req -in broker.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 \
            -out broker.crt -extfile broker.ext
        cat broker.key broker.crt >broker.pem
    ) 2>"$1/openssl.log" || die "openssl failed to make certificates: see $1/openssl.log"
}
