//! The flags that say which cluster, and how to reach it.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::kafka::config::{KafkaSettings, Sources};

/// Which cluster, and how to reach it.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct KafkaArgs {
    /// Brokers to ask first: HOST:PORT, comma between [default: bootstrap.servers of the file, else 127.0.0.1:9092]
    #[arg(long, help_heading = "Kafka", env = "REVBUS_BROKERS", value_name = "HOST:PORT,…")]
    brokers: Option<String>,
    /// File of client settings, one key=value a line, by librdkafka's names; secrets belong here, or into
    /// REVBUS_KAFKA_SASL_PASSWORD and the like
    #[arg(long, help_heading = "Kafka", env = "REVBUS_KAFKA_CONFIG", value_name = "FILE")]
    kafka_config: Option<PathBuf>,
    /// One more client setting; goes before the file and the environment. No secrets, and nothing that the delivery
    /// guarantee stands on
    #[arg(long, help_heading = "Kafka", value_name = "KEY=VALUE")]
    set: Vec<String>,
}

impl KafkaArgs {
    /// Whether flags or environment say which cluster, or how to reach one.
    #[must_use]
    pub const fn name_a_cluster(&self) -> bool {
        self.brokers.is_some() || self.kafka_config.is_some() || !self.set.is_empty()
    }

    /// Reads the file and the environment, and checks everything.
    ///
    /// # Errors
    /// An unreadable file, or all settings that are wrong, a sentence each.
    pub fn settings(&self) -> anyhow::Result<KafkaSettings> {
        let file = match &self.kafka_config {
            Some(path) => {
                let name = path.display().to_string();
                let text = std::fs::read_to_string(path).with_context(|| format!("{name}: failed to read"))?;
                Some((name, text))
            }
            None => None,
        };
        let environment = std::env::vars_os();
        let environment: Vec<_> = environment
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Ok(KafkaSettings::from_sources(&Sources {
            brokers: self.brokers.as_deref(),
            file: file.as_ref().map(|(name, text)| (name.as_str(), text.as_str())),
            environment: &environment,
            set: &self.set,
        })?)
    }
}
