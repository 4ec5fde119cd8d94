//! A change, in a sentence, with whom it breaks.

use std::fmt;

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

/// One change of a catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The event type that changed, by its present name, or the entity type as `module/type`; none where the whole
    /// catalogue did.
    pub event_type: Option<String>,
    /// What changed: the beginning of a sentence.
    pub what: String,
    /// Whom it breaks; nobody where it is compatible.
    pub breaks: Vec<Party>,
}

/// Whom a change breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Party {
    /// A trigger.
    Trigger {
        /// The fact on which it stands.
        fact: String,
        /// Its id.
        id: String,
        /// The command that it emits.
        command: String,
    },
    /// The module that emits a fact.
    Producer(String),
    /// A module that reads facts itself.
    Subscriber(String),
    /// The module that accepts a command.
    Handler(String),
    /// Those who request a command.
    Requesters,
    /// Those who write by the former Avro schema.
    AvroWriters,
    /// Those who read by the former Avro schema.
    AvroReaders,
    /// The module that owns an entity type, and writes it.
    Owner(String),
    /// A module that reads an entity type.
    Reader(String),
    /// Every module: all may read it.
    Readers,
    /// Every module that is not listed.
    OtherReaders,
    /// States that were written before.
    StoredStates,
    /// Modules that write entity types without declaring them.
    Undeclared,
    /// A fact that a change of state emits.
    Emission {
        /// The entity type: `module/type`.
        entity: String,
        /// The fact.
        fact: String,
    },
    /// Whoever reads when some time has gone by: a module, or the router after a pause.
    LateReaders,
    /// The order of an entity's records.
    Order,
    /// A tenant, or `*` for all that are not listed.
    Tenant(String),
    /// Whoever writes or reads.
    Everyone,
}

impl Party {
    /// What it is, and its name if it has one: for programs.
    fn words(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Trigger { id, .. } => ("trigger", Some(id)),
            Self::Producer(module) => ("producer", Some(module)),
            Self::Subscriber(module) => ("subscriber", Some(module)),
            Self::Handler(module) => ("handler", Some(module)),
            Self::Requesters => ("requesters", None),
            Self::AvroWriters => ("avro_writers", None),
            Self::AvroReaders => ("avro_readers", None),
            Self::Owner(module) => ("owner", Some(module)),
            Self::Reader(module) => ("reader", Some(module)),
            Self::Readers => ("readers", None),
            Self::OtherReaders => ("other_readers", None),
            Self::StoredStates => ("stored_states", None),
            Self::Undeclared => ("undeclared_states", None),
            Self::Emission { fact, .. } => ("emission", Some(fact)),
            Self::LateReaders => ("late_readers", None),
            Self::Order => ("order", None),
            Self::Tenant(tenant) => ("tenant", Some(tenant)),
            Self::Everyone => ("everyone", None),
        }
    }

    /// As it reads in a sentence about an event type.
    pub(super) fn told(&self, about: Option<&str>) -> String {
        match self {
            Self::Trigger { fact, id, command } => {
                let fact = if about == Some(fact) { String::new() } else { format!(" `{fact}`") };
                let id = if id == command { String::new() } else { format!(" (`{id}`)") };
                format!("trigger{fact} → `{command}`{id}")
            }
            Self::Producer(module) => format!("producer `{module}`"),
            Self::Subscriber(module) => format!("subscriber `{module}`"),
            Self::Handler(module) => format!("handler `{module}`"),
            Self::Requesters => "those who request it".to_owned(),
            Self::AvroWriters => "writers of the former Avro schema".to_owned(),
            Self::AvroReaders => "readers of the former Avro schema".to_owned(),
            Self::Owner(module) => format!("owner `{module}`"),
            Self::Reader(module) => format!("reader `{module}`"),
            Self::Readers => "every module that reads it".to_owned(),
            Self::OtherReaders => "every other module that reads it".to_owned(),
            Self::StoredStates => "states that are stored already".to_owned(),
            Self::Undeclared => "modules that write others".to_owned(),
            Self::Emission { entity, fact } if about == Some(entity) => format!("its emission of `{fact}`"),
            Self::Emission { entity, fact } => format!("the emission of `{fact}` by `{entity}`"),
            Self::LateReaders => "whoever reads it later than that".to_owned(),
            Self::Order => "the order of its records".to_owned(),
            Self::Tenant(tenant) if tenant == "*" => "every other tenant".to_owned(),
            Self::Tenant(tenant) => format!("tenant `{tenant}`"),
            Self::Everyone => "every producer and subscriber".to_owned(),
        }
    }
}

impl Change {
    /// A change of an event type.
    pub(super) fn of(name: &str, what: impl Into<String>) -> Self {
        Self { event_type: Some(name.to_owned()), what: what.into(), breaks: Vec::new() }
    }

    /// The same, with whom it breaks; each once.
    pub(super) fn breaking(mut self, parties: impl IntoIterator<Item = Party>) -> Self {
        for party in parties {
            if !self.breaks.contains(&party) {
                self.breaks.push(party);
            }
        }
        self
    }

    /// Whether it breaks anybody.
    #[must_use]
    pub const fn is_breaking(&self) -> bool {
        !self.breaks.is_empty()
    }

    /// `breaking` or `compatible`.
    #[must_use]
    pub const fn verdict(&self) -> &'static str {
        if self.is_breaking() { "breaking" } else { "compatible" }
    }
}

/// "`rep_id` removed from `pipeline.deal_won`: breaks trigger → `compensation.calculate`, subscriber `dashboard`".
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        let told: Vec<String> = self.breaks.iter().map(|party| party.told(self.event_type.as_deref())).collect();
        if told.is_empty() { Ok(()) } else { write!(f, ": breaks {}", told.join(", ")) }
    }
}

impl Serialize for Change {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut change = serializer.serialize_struct("Change", 4)?;
        change.serialize_field("type", &self.event_type)?;
        change.serialize_field("verdict", self.verdict())?;
        change.serialize_field("change", &self.what)?;
        change.serialize_field("breaks", &self.breaks)?;
        change.end()
    }
}

impl Serialize for Party {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (who, name) = self.words();
        let mut party = serializer.serialize_struct("Party", 4)?;
        party.serialize_field("who", who)?;
        if let Some(name) = name {
            party.serialize_field("name", name)?;
        }
        if let Self::Trigger { fact, command, .. } = self {
            party.serialize_field("fact", fact)?;
            party.serialize_field("command", command)?;
        }
        if let Self::Emission { entity, .. } = self {
            party.serialize_field("entity", entity)?;
        }
        party.end()
    }
}
