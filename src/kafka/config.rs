//! Settings of the Kafka clients: gathered from file, environment and command line, checked all at once, and made
//! into the configuration of each kind of client. Secrets are never shown, and what the delivery guarantee stands on
//! cannot be set (decision 76).

mod brokers;
mod keys;
mod source;

use std::collections::BTreeMap;
use std::fmt;

use rdkafka::ClientConfig;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaConfRes;

use source::{Channel, Setting};

/// Where a cluster is looked for that nobody named.
pub const DEFAULT_BROKERS: &str = "127.0.0.1:9092";

/// Set in every consumer, whatever the user or the caller says.
const CONSUMER_FIXED: &[(&str, &str)] = &[
    ("isolation.level", "read_committed"),
    ("enable.auto.commit", "false"),
    ("enable.auto.offset.store", "false"),
    ("auto.offset.reset", "error"),
    ("group.protocol", "classic"),
    ("partition.assignment.strategy", "cooperative-sticky"),
];

/// Set in every producer. Idempotence brings acks=all with it; an `acks` beside a transactional id crashes the client.
const PRODUCER_FIXED: &[(&str, &str)] = &[("enable.idempotence", "true"), ("partitioner", "murmur2_random")];

/// Settings as they are given, before any of them is looked at.
#[derive(Default)]
pub struct Sources<'a> {
    /// `--brokers`: goes before `bootstrap.servers` of the file.
    pub brokers: Option<&'a str>,
    /// `--kafka-config`: the name of the file and its text.
    pub file: Option<(&'a str, &'a str)>,
    /// The environment; only `REVBUS_KAFKA_…` counts. Goes before the file.
    pub environment: &'a [(String, String)],
    /// The values of `--set`. They go before all others.
    pub set: &'a [String],
}

/// Everything that is wrong with some settings, one sentence each, secrets left out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct SettingErrors(pub Vec<String>);

/// Which kind of client reads a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Consumer,
    Producer,
    Admin,
}

/// Checked settings. Shown with every secret hidden.
#[derive(Clone)]
pub struct KafkaSettings {
    values: BTreeMap<String, String>,
}

impl KafkaSettings {
    /// Settings that name the brokers and nothing else.
    #[must_use]
    pub fn of_brokers(brokers: &str) -> Self {
        Self { values: BTreeMap::from([(SERVERS.to_owned(), brokers.to_owned())]) }
    }

    /// Gathers and checks settings.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn from_sources(sources: &Sources<'_>) -> Result<Self, SettingErrors> {
        let mut errors = Vec::new();
        let mut values = BTreeMap::new();
        for setting in gather(sources, &mut errors) {
            if let Err(error) = check(&setting) {
                errors.push(error);
            }
            values.insert(canonical(&setting.key).to_owned(), setting.value);
        }
        if let Some(brokers) = sources.brokers {
            values.insert(SERVERS.to_owned(), brokers.to_owned());
        }
        let protocol = values.get("security.protocol").map_or("plaintext", String::as_str);
        if let Some(Err(why)) = values.get(SERVERS).map(|list| brokers::check(list, protocol)) {
            errors.push(format!("`{SERVERS}` {why}"));
        }
        values.entry(SERVERS.to_owned()).or_insert_with(|| DEFAULT_BROKERS.to_owned());
        if errors.is_empty() { Ok(Self { values }) } else { Err(SettingErrors(errors)) }
    }

    /// The same under this `client.id`, where the user has chosen none.
    #[must_use]
    pub fn called(mut self, client_id: &str) -> Self {
        self.values.entry("client.id".to_owned()).or_insert_with(|| client_id.to_owned());
        self
    }

    /// The brokers that are asked first.
    #[must_use]
    pub fn brokers(&self) -> &str {
        self.values.get(SERVERS).map_or("", String::as_str)
    }

    /// Settings by which a client does not make sure that it talks to the brokers.
    #[must_use]
    pub fn unverified(&self) -> Vec<String> {
        let off = [
            ("enable.ssl.certificate.verification", &["false", "f", "0"][..]),
            ("ssl.endpoint.identification.algorithm", &["none"]),
        ];
        let given = |(key, off): (&str, &[&str])| {
            let value = self.values.get(key)?;
            off.iter().any(|off| off.eq_ignore_ascii_case(value.trim())).then(|| format!("{key}={value}"))
        };
        off.into_iter().filter_map(given).collect()
    }

    /// A consumer's configuration: `defaults`, then the user's settings, then what the guarantee stands on. Without
    /// a group.
    #[must_use]
    pub fn consumer(&self, defaults: &[(&str, &str)]) -> ClientConfig {
        self.client(Role::Consumer, defaults, CONSUMER_FIXED)
    }

    /// A producer's configuration: `defaults`, then the user's settings, then what the guarantee stands on. Without a
    /// transactional id.
    #[must_use]
    pub fn producer(&self, defaults: &[(&str, &str)]) -> ClientConfig {
        self.client(Role::Producer, defaults, PRODUCER_FIXED)
    }

    /// An admin client's configuration.
    #[must_use]
    pub fn admin(&self) -> ClientConfig {
        self.client(Role::Admin, &[], &[])
    }

    fn client(&self, role: Role, defaults: &[(&str, &str)], fixed: &[(&str, &str)]) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("client.id", "revbus");
        // Without it the crate asks librdkafka for no more than our own log shows, and the reasons of failures are lost.
        config.set_log_level(RDKafkaLogLevel::Info);
        let own = self.values.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let own = own.filter(|(key, _)| keys::reads(role, key));
        for (key, value) in defaults.iter().copied().chain(own).chain(fixed.iter().copied()) {
            config.set(key, value);
        }
        config
    }
}

const SERVERS: &str = "bootstrap.servers";

/// One name for settings that librdkafka knows under two, so that the later source really wins.
fn canonical(key: &str) -> &str {
    match key {
        "metadata.broker.list" => SERVERS,
        "sasl.mechanisms" => "sasl.mechanism",
        "compression.codec" => "compression.type",
        "queue.buffering.max.ms" => "linger.ms",
        "message.send.max.retries" => "retries",
        "delivery.timeout.ms" => "message.timeout.ms",
        "max.partition.fetch.bytes" => "fetch.message.max.bytes",
        other => other,
    }
}

/// All settings, those that win last. A name twice in one file is an error: which of them was meant?
fn gather(sources: &Sources<'_>, errors: &mut Vec<String>) -> Vec<Setting> {
    let mut out: Vec<Setting> = Vec::new();
    let mut keep = |read: Result<Setting, String>, out: &mut Vec<Setting>| match read {
        Ok(setting) => out.push(setting),
        Err(error) => errors.push(error),
    };
    for read in sources.file.map_or_else(Vec::new, |(name, text)| source::file(name, text)) {
        let twice = read.as_ref().ok().and_then(|new| {
            let old = out.iter().find(|old| canonical(&old.key) == canonical(&new.key))?;
            Some(format!("{}: `{}` is already set at {}", new.place, new.key, old.place))
        });
        keep(twice.map_or(read, Err), &mut out);
    }
    out.extend(source::environment(sources.environment));
    for read in source::command_line(sources.set) {
        keep(read, &mut out);
    }
    out
}

/// Checks one setting by itself, in the end by librdkafka.
fn check(setting: &Setting) -> Result<(), String> {
    if let Some(error) = source::refuse(setting) {
        return Err(error);
    }
    let Setting { key, value, place, channel } = setting;
    if *channel == Channel::CommandLine && canonical(key) == SERVERS {
        return Err(format!("{place}: name the brokers with --brokers"));
    }
    match ClientConfig::new().set(key, value).create_native_config() {
        Ok(_) => Ok(()),
        Err(KafkaError::ClientConfig(RDKafkaConfRes::RD_KAFKA_CONF_UNKNOWN, ..)) => {
            let meant = keys::similar(key).map_or_else(String::new, |name| format!(": did you mean `{name}`?"));
            Err(format!("{place}: `{key}` is not a setting of the Kafka client{meant}"))
        }
        Err(_) if keys::is_secret(key) => Err(format!("{place}: the value of `{key}` is invalid")),
        Err(KafkaError::ClientConfig(_, why, ..)) => Err(format!("{place}: `{key}` cannot be that: {why}")),
        Err(error) => Err(format!("{place}: `{key}`: {error}")),
    }
}

impl fmt::Display for KafkaSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (key, value)) in self.values.iter().enumerate() {
            let value = if keys::is_secret(key) { "[hidden]" } else { value };
            write!(f, "{}{key}={value}", if at == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

impl fmt::Debug for KafkaSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;
