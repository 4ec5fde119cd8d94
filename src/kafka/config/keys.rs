//! What is known about the names of settings: whose they are, which are secret, which the guarantee stands on, and
//! what the Java clients call them.

use super::Role;

/// Settings that every client reads (librdkafka's CONFIGURATION.md).
const COMMON: &str = "bootstrap.servers broker.address.family broker.address.ttl client.dns.lookup client.id \
    client.rack connections.max.idle.ms debug enable.metrics.push enable.random.seed \
    enable.ssl.certificate.verification https.ca.location https.ca.pem internal.termination.signal \
    log.connection.close log.thread.name log_level message.copy.max.bytes message.max.bytes metadata.broker.list \
    metadata.max.age.ms metadata.recovery.rebootstrap.trigger.ms metadata.recovery.strategy plugin.library.paths \
    receive.message.max.bytes reconnect.backoff.max.ms reconnect.backoff.ms retry.backoff.max.ms retry.backoff.ms \
    sasl.kerberos.keytab sasl.kerberos.kinit.cmd sasl.kerberos.min.time.before.relogin sasl.kerberos.principal \
    sasl.kerberos.service.name sasl.mechanism sasl.mechanisms sasl.oauthbearer.assertion.algorithm \
    sasl.oauthbearer.assertion.claim.aud sasl.oauthbearer.assertion.claim.exp.seconds \
    sasl.oauthbearer.assertion.claim.iss sasl.oauthbearer.assertion.claim.jti.include \
    sasl.oauthbearer.assertion.claim.nbf.seconds sasl.oauthbearer.assertion.claim.sub \
    sasl.oauthbearer.assertion.file sasl.oauthbearer.assertion.jwt.template.file \
    sasl.oauthbearer.assertion.private.key.file sasl.oauthbearer.assertion.private.key.passphrase \
    sasl.oauthbearer.assertion.private.key.pem sasl.oauthbearer.client.credentials.client.id \
    sasl.oauthbearer.client.credentials.client.secret sasl.oauthbearer.client.id sasl.oauthbearer.client.secret \
    sasl.oauthbearer.config sasl.oauthbearer.extensions sasl.oauthbearer.grant.type \
    sasl.oauthbearer.metadata.authentication.type sasl.oauthbearer.method sasl.oauthbearer.scope \
    sasl.oauthbearer.token.endpoint.url sasl.password sasl.username security.protocol \
    socket.connection.setup.timeout.ms socket.keepalive.enable socket.max.fails socket.nagle.disable \
    socket.receive.buffer.bytes socket.send.buffer.bytes socket.timeout.ms ssl.ca.certificate.stores ssl.ca.location \
    ssl.ca.pem ssl.certificate.location ssl.certificate.pem ssl.cipher.suites ssl.crl.location ssl.curves.list \
    ssl.endpoint.identification.algorithm ssl.engine.id ssl.engine.location ssl.key.location ssl.key.password \
    ssl.key.pem ssl.keystore.location ssl.keystore.password ssl.providers ssl.sigalgs.list statistics.interval.ms \
    topic.metadata.propagation.max.ms topic.metadata.refresh.fast.interval.ms topic.metadata.refresh.interval.ms \
    topic.metadata.refresh.sparse";

/// Settings that only consumers read, without those of [`FIXED`].
const CONSUMER: &str = "auto.commit.interval.ms check.crcs coordinator.query.interval.ms fetch.error.backoff.ms \
    fetch.max.bytes fetch.message.max.bytes fetch.min.bytes fetch.queue.backoff.ms fetch.wait.max.ms \
    heartbeat.interval.ms max.partition.fetch.bytes max.poll.interval.ms queued.max.messages.kbytes \
    queued.min.messages session.timeout.ms";

/// Settings that only producers read, without those of [`FIXED`].
const PRODUCER: &str = "batch.num.messages batch.size compression.codec compression.level compression.type \
    delivery.timeout.ms linger.ms message.send.max.retries message.timeout.ms \
    queue.buffering.backpressure.threshold queue.buffering.max.kbytes queue.buffering.max.messages \
    queue.buffering.max.ms request.timeout.ms retries sticky.partitioning.linger.ms transaction.timeout.ms";

const POSITIONS: &str = "positions are committed inside transactions, by the bus alone";
const IDEMPOTENCE: &str = "the bus writes idempotently, with acknowledgement by all in-sync replicas";
const GROUP: &str = "the bus sets group and instance itself (--group, --instance-id)";
const PROTOCOL: &str = "the bus handles rebalances of the classic, cooperative-sticky protocol";
const EVENTS: &str = "the client library needs its own value";

/// Settings that the delivery guarantee stands on, and why they are ours (decision 76).
const FIXED: &[(&str, &str)] = &[
    ("isolation.level", "the bus reads committed records only"),
    ("enable.auto.commit", POSITIONS),
    ("auto.commit.enable", POSITIONS),
    ("enable.auto.offset.store", POSITIONS),
    ("offset.store.method", POSITIONS),
    ("auto.offset.reset", "the bus resolves positions itself and never jumps silently (--start)"),
    ("transactional.id", "the bus derives it from group, instance and worker, so that zombies are fenced"),
    ("transaction.timeout.ms", "the bus keeps its batches far below the 10 s that it sets"),
    ("message.timeout.ms", "a record is delivered within its transaction or not at all"),
    ("delivery.timeout.ms", "a record is delivered within its transaction or not at all"),
    ("batch.size", "it follows from max.message.bytes of the topics"),
    ("message.max.bytes", "it follows from max.message.bytes of the topics"),
    ("enable.idempotence", IDEMPOTENCE),
    ("acks", IDEMPOTENCE),
    ("request.required.acks", IDEMPOTENCE),
    ("max.in.flight", IDEMPOTENCE),
    ("max.in.flight.requests.per.connection", IDEMPOTENCE),
    ("enable.gapless.guarantee", IDEMPOTENCE),
    ("queuing.strategy", IDEMPOTENCE),
    ("group.id", GROUP),
    ("group.instance.id", GROUP),
    ("group.protocol", PROTOCOL),
    ("group.protocol.type", PROTOCOL),
    ("group.remote.assignor", PROTOCOL),
    ("partition.assignment.strategy", PROTOCOL),
    ("partitioner", "keys are placed by murmur2_random, as the Java clients place them"),
    ("enable.partition.eof", EVENTS),
    ("delivery.report.only.error", EVENTS),
    ("enabled_events", EVENTS),
];

/// Settings that hold a secret.
const SECRET: &[&str] = &[
    "sasl.password",
    "sasl.jaas.config",
    "sasl.oauthbearer.config",
    "sasl.oauthbearer.client.secret",
    "sasl.oauthbearer.client.credentials.client.secret",
    "sasl.oauthbearer.assertion.private.key.pem",
    "sasl.oauthbearer.assertion.private.key.passphrase",
    "ssl.key.pem",
    "ssl_key",
    "ssl.keystore.key",
];

/// Names of the Java clients, and what to write here instead.
const JAVA: &[(&str, &str)] = &[
    ("sasl.jaas.config", "write its two parts: sasl.username=… and sasl.password=…"),
    ("sasl.login.callback.handler.class", "for OAUTHBEARER write sasl.oauthbearer.method=oidc"),
    ("ssl.truststore.location", "write ssl.ca.location=FILE, with the CA's certificate as PEM"),
    ("ssl.truststore.certificates", "write ssl.ca.pem=…, or ssl.ca.location=FILE"),
    ("ssl.truststore.password", "PEM files of CA certificates have none: write ssl.ca.location=FILE"),
    ("ssl.truststore.type", "CA certificates are PEM: write ssl.ca.location=FILE"),
    (
        "ssl.keystore.type",
        "ssl.keystore.location is PKCS#12; for PEM write ssl.certificate.location and ssl.key.location",
    ),
    ("ssl.keystore.key", "write ssl.key.location=FILE, or ssl.key.pem=…"),
    ("ssl.keystore.certificate.chain", "write ssl.certificate.location=FILE, or ssl.certificate.pem=…"),
    ("ssl.enabled.protocols", "TLS versions are those of OpenSSL's configuration"),
    ("ssl.protocol", "TLS versions are those of OpenSSL's configuration"),
    ("key.serializer", "records are bytes here: leave it out"),
    ("value.serializer", "records are bytes here: leave it out"),
    ("key.deserializer", "records are bytes here: leave it out"),
    ("value.deserializer", "records are bytes here: leave it out"),
    ("max.poll.records", "batches are the router's own: leave it out"),
    ("buffer.memory", "write queue.buffering.max.kbytes=…"),
    ("max.request.size", "write message.max.bytes=…"),
    ("send.buffer.bytes", "write socket.send.buffer.bytes=…"),
    ("receive.buffer.bytes", "write socket.receive.buffer.bytes=…"),
    ("fetch.max.wait.ms", "write fetch.wait.max.ms=…"),
];

fn lookup(table: &[(&str, &'static str)], key: &str) -> Option<&'static str> {
    table.iter().find(|(name, _)| *name == key).map(|(_, text)| *text)
}

/// Why a setting is not the user's, where it is not.
pub(super) fn fixed(key: &str) -> Option<&'static str> {
    lookup(FIXED, key)
}

/// What to write instead of a name of the Java clients.
pub(super) fn java(key: &str) -> Option<&'static str> {
    lookup(JAVA, key)
}

/// Whether the value must never be shown, nor stand on a command line.
pub(super) fn is_secret(key: &str) -> bool {
    SECRET.contains(&key) || ["password", "passphrase", "secret"].iter().any(|end| key.ends_with(end))
}

/// Whether a client of this role reads the setting; librdkafka logs a warning about every one that it does not.
pub(super) fn reads(role: Role, key: &str) -> bool {
    let among = |list: &str| list.split(' ').any(|name| name == key);
    match role {
        Role::Consumer => !among(PRODUCER),
        Role::Producer => !among(CONSUMER),
        Role::Admin => !among(CONSUMER) && !among(PRODUCER),
    }
}

/// All names that may be set.
pub(super) fn settable() -> impl Iterator<Item = &'static str> {
    [COMMON, CONSUMER, PRODUCER].into_iter().flat_map(|list| list.split(' '))
}

/// The name that was probably meant.
pub(super) fn similar(key: &str) -> Option<&'static str> {
    let distance = |name: &'static str| (strsim::damerau_levenshtein(key, name), name);
    settable().map(distance).min().filter(|(steps, _)| *steps <= 1 + key.len() / 5).map(|(_, name)| name)
}
