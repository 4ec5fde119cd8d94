//! Topics of a cluster: looked at, created, grown, configured. Every call blocks, for its timeout at most, and may be
//! made from any thread.

mod parked;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Duration;

use rdkafka::admin::{
    AdminClient, AdminOptions, ConfigResource, ConfigSource, NewPartitions, NewTopic, OwnedResourceSpecifier,
    ResourceSpecifier, TopicReplication,
};
use rdkafka::client::DefaultClientContext;
use rdkafka::error::RDKafkaErrorCode;
use rdkafka::producer::{BaseProducer, Producer as _, ProducerContext};
use rdkafka::util::Timeout;

use super::config::KafkaSettings;
use super::trouble::{Remembering, Trouble};
use super::{ffi, metadata, rights};
use parked::wait;

/// Kafka's default of `max.message.bytes`, taken where we are not allowed to look.
pub const DEFAULT_MAX_MESSAGE_BYTES: u64 = 1_048_588;

/// A topic as the cluster has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TopicDescription {
    /// How many partitions it has.
    pub partitions: u32,
    /// How many replicas its first partition has.
    pub replication_factor: u16,
    /// Every key of its configuration with the value in force, and whether that was set on the topic itself.
    pub config: BTreeMap<String, ConfigValue>,
}

/// Topics by their names.
pub type Descriptions = BTreeMap<String, TopicDescription>;

/// A value of a topic's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigValue {
    /// The value in force.
    pub value: String,
    /// Where it comes from.
    pub source: ValueSource,
}

/// Where a value of a topic's configuration comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueSource {
    /// It was set on the topic.
    Topic,
    /// The brokers' or Kafka's default.
    Default,
}

/// A topic to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicToCreate {
    /// Its name.
    pub name: String,
    /// How many partitions it gets.
    pub partitions: u32,
    /// How many replicas each of them gets.
    pub replication_factor: u16,
    /// Its configuration.
    pub config: BTreeMap<String, String>,
}

/// What must be known of a topic to produce to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TopicFacts {
    /// How many partitions it has.
    pub partitions: i32,
    /// The largest batch that it takes; [`DEFAULT_MAX_MESSAGE_BYTES`] where we may not see its configuration.
    pub max_message_bytes: u64,
    /// Whether it is compacted and nothing else, so that the last value of a key stays; `None` where we may not see its
    /// configuration.
    pub compacted: Option<bool>,
}

/// A look at some topics.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// Those that are there.
    pub facts: HashMap<String, TopicFacts>,
    /// Those that are not, or that this user may not see; in the order asked.
    pub missing: Vec<String>,
}

/// A connection for looking after topics.
pub struct Admin {
    client: AdminClient<DefaultClientContext>,
    // The admin client serves no errors, so a timeout of its would never say why; this one asks for metadata, and knows.
    probe: BaseProducer<Remembering>,
    timeout: Duration,
}

impl ProducerContext for Remembering {
    type DeliveryOpaque = ();

    fn delivery(&self, _: &rdkafka::message::DeliveryResult<'_>, (): ()) {}
}

impl Admin {
    /// Connects, and waits until a broker has answered.
    ///
    /// # Errors
    /// None answered within the timeout, or they do not let us in.
    pub fn connect(settings: &KafkaSettings, timeout: Duration) -> Result<Self, Trouble> {
        let config = settings.admin();
        let what = format!("connect to Kafka at {}", settings.brokers());
        let failed = |error| Trouble::of(&error, &what);
        let client = config.create().map_err(failed)?;
        let probe = config.create_with_context(Remembering::default()).map_err(failed)?;
        let admin = Self { client, probe, timeout };
        admin.metadata(&what)?;
        Ok(admin)
    }

    /// Names and shapes of all topics that this user may see, without their configuration.
    ///
    /// # Errors
    /// The cluster does not answer.
    pub fn topics(&self) -> Result<Descriptions, Trouble> {
        let metadata = self.metadata("list the topics")?;
        let there = metadata.topics().iter().filter(|topic| topic.error().is_none());
        let describe = |topic: &rdkafka::metadata::MetadataTopic| TopicDescription {
            partitions: u32::try_from(topic.partitions().len()).unwrap_or(u32::MAX),
            replication_factor: topic
                .partitions()
                .first()
                .map_or(0, |p| u16::try_from(p.replicas().len()).unwrap_or(0)),
            config: BTreeMap::new(),
        };
        Ok(there.map(|topic| (topic.name().to_owned(), describe(topic))).collect())
    }

    /// Those of the named topics that are there, with their configuration.
    ///
    /// # Errors
    /// The cluster does not answer, or we may not see the configuration.
    pub fn describe(&self, names: &[&str]) -> Result<Descriptions, Trouble> {
        let (topics, hidden) = self.describe_visible(names)?;
        hidden.map_or(Ok(topics), Err)
    }

    /// The same, and why the configuration of some of them is left out.
    ///
    /// # Errors
    /// The cluster does not answer.
    pub fn describe_visible(&self, names: &[&str]) -> Result<(Descriptions, Option<Trouble>), Trouble> {
        let mut hidden = None;
        let mut topics = self.topics()?;
        let names: HashSet<&str> = names.iter().copied().collect();
        topics.retain(|name, _| names.contains(name.as_str()));
        let there: Vec<String> = topics.keys().cloned().collect();
        for found in self.configs(&there)? {
            match found {
                Ok(resource) => {
                    let OwnedResourceSpecifier::Topic(name) = &resource.specifier else { continue };
                    topics.entry(name.clone()).and_modify(|topic| topic.config = values(&resource));
                }
                Err(code) => {
                    let what = "see the configuration of topics (DescribeConfigs)";
                    hidden = Some(Trouble::of_code(code, what, &code.to_string()));
                }
            }
        }
        Ok((topics, hidden))
    }

    /// Those of these topics that may be there or not: we have no right to see them.
    ///
    /// # Errors
    /// No answer.
    pub fn hidden(&self, names: &[&str]) -> Result<Vec<String>, Trouble> {
        let found = ffi::describe_topics(self.probe.client(), None, names, false, self.timeout)
            .map_err(|code| Trouble::of_code(code, "look at topics", &code.to_string()))?;
        Ok(found.into_iter().filter(|(_, sight)| *sight == ffi::Sight::Hidden).map(|(name, _)| name).collect())
    }

    /// Why some of these topics cannot be written, by the broker's word.
    #[must_use]
    pub fn unwritable(&self, topics: &BTreeSet<String>) -> Option<Trouble> {
        rights::unwritable(self.probe.client(), None, topics)
    }

    /// What must be known of topics to produce to them. A topic whose configuration we may not see is taken to have
    /// Kafka's default.
    ///
    /// # Errors
    /// The cluster does not answer.
    pub fn topic_facts(&self, names: &[&str]) -> Result<Survey, Trouble> {
        let (topics, _) = self.describe_visible(names)?;
        let missing = names.iter().filter(|name| !topics.contains_key(**name)).map(|name| (*name).to_owned()).collect();
        let facts = topics.into_iter().map(|(name, TopicDescription { partitions, config, .. })| {
            let limit = config.get("max.message.bytes").and_then(|limit| limit.value.parse().ok());
            let max_message_bytes = limit.unwrap_or_else(|| {
                tracing::warn!(topic = name, "max.message.bytes cannot be seen: taken to be Kafka's default");
                DEFAULT_MAX_MESSAGE_BYTES
            });
            let compacted = config.get("cleanup.policy").map(|policy| policy.value == "compact");
            (name, TopicFacts { partitions: partitions.cast_signed(), max_message_bytes, compacted })
        });
        Ok(Survey { facts: facts.collect(), missing })
    }

    /// Creates topics. One that is there by now is fine: another has created it.
    ///
    /// # Errors
    /// For each topic that was not created, why.
    pub fn create(&self, topics: &[TopicToCreate]) -> Result<(), Vec<Trouble>> {
        let new: Vec<NewTopic<'_>> = topics
            .iter()
            .map(|topic| {
                let replication = TopicReplication::Fixed(i32::from(topic.replication_factor));
                let new = NewTopic::new(&topic.name, topic.partitions.cast_signed(), replication);
                topic.config.iter().fold(new, |new, (key, value)| new.set(key, value))
            })
            .collect();
        let results = wait(self.client.create_topics(&new, &self.options()));
        let results = results.map_err(|error| vec![Trouble::of(&error, "create topics")])?;
        let failed = results.into_iter().filter_map(Result::err);
        let failed = failed.filter(|(_, code)| *code != RDKafkaErrorCode::TopicAlreadyExists);
        let troubles: Vec<_> = failed
            .map(|(name, code)| Trouble::of_code(code, &format!("create topic {name}"), &said(code, &name, topics)))
            .collect();
        if troubles.is_empty() { Ok(()) } else { Err(troubles) }
    }

    /// Raises the partition count of a topic.
    ///
    /// # Errors
    /// Why it was not raised.
    pub fn grow(&self, topic: &str, partitions: u32) -> Result<(), Trouble> {
        let what = format!("raise topic {topic} to {partitions} partitions");
        let new = [NewPartitions::new(topic, partitions as usize)];
        let results = wait(self.client.create_partitions(&new, &self.options()));
        for result in results.map_err(|error| Trouble::of(&error, &what))? {
            result.map_err(|(_, code)| Trouble::of_code(code, &what, &code.to_string()))?;
        }
        Ok(())
    }

    /// Sets keys of a topic's configuration, and leaves all others alone.
    ///
    /// # Errors
    /// Why they were not set; then none of them was.
    pub fn configure(&self, topic: &str, entries: &[(String, String)]) -> Result<(), Trouble> {
        ffi::set_topic_config(self.probe.client(), topic, entries, self.timeout)
            .map_err(|(code, said)| Trouble::of_code(code, &format!("configure topic {topic}"), &said))
    }

    fn options(&self) -> AdminOptions {
        let timeout = Some(Timeout::After(self.timeout));
        AdminOptions::new().request_timeout(timeout).operation_timeout(timeout)
    }

    fn configs(&self, topics: &[String]) -> Result<Vec<Result<ConfigResource, RDKafkaErrorCode>>, Trouble> {
        if topics.is_empty() {
            return Ok(Vec::new());
        }
        let resources: Vec<_> = topics.iter().map(|name| ResourceSpecifier::Topic(name)).collect();
        let options = AdminOptions::new().request_timeout(Some(Timeout::After(self.timeout)));
        wait(self.client.describe_configs(&resources, &options))
            .map_err(|error| Trouble::of(&error, "see the configuration of topics"))
    }

    fn metadata(&self, what: &str) -> Result<rdkafka::metadata::Metadata, Trouble> {
        let serve = || self.probe.poll(Duration::from_millis(20));
        metadata::fetch(self.probe.client(), self.timeout, serve, |error| self.probe.context().explain(error, what))
    }
}

/// What the client says of a topic that was not created, and where the fault can only be in its configuration, that.
fn said(code: RDKafkaErrorCode, name: &str, topics: &[TopicToCreate]) -> String {
    let config = topics.iter().find(|topic| topic.name == name).map(|topic| &topic.config);
    match config.filter(|config| code == RDKafkaErrorCode::InvalidConfig && !config.is_empty()) {
        None => code.to_string(),
        Some(config) => {
            let given: Vec<_> = config.iter().map(|(key, value)| format!("{key}={value}")).collect();
            format!("{code}: one of {}", given.join(", "))
        }
    }
}

fn values(resource: &ConfigResource) -> BTreeMap<String, ConfigValue> {
    let entries = resource.entries.iter().filter_map(|entry| {
        let source = if entry.source == ConfigSource::DynamicTopic { ValueSource::Topic } else { ValueSource::Default };
        Some((entry.name.clone(), ConfigValue { value: entry.value.clone()?, source }))
    });
    entries.collect()
}
