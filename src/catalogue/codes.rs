//! The codes of everything that a check of `topics.yaml` can find. A code never changes its meaning; the decade is its
//! subject. Each has a page in `docs/errors/`, with an example that is wrong and one that is right.

/// A code.
#[derive(Debug, Clone, Copy)]
pub struct Code {
    /// Its name, such as `RB0104`.
    pub id: &'static str,
    /// What it means: one sentence.
    pub means: &'static str,
    /// Its page, in Markdown.
    pub page: &'static str,
}

/// The code of this name, in upper or lower case.
#[must_use]
pub fn find(id: &str) -> Option<&'static Code> {
    ALL.iter().find(|code| code.id.eq_ignore_ascii_case(id))
}

/// Those of which everything is an error, and which `allow` so never hides.
pub(super) const ALWAYS_ERRORS: &[&str] = &[
    SYNTAX,
    TOO_LARGE,
    UNKNOWN_KEY,
    MISSING_KEY,
    WRONG_KIND,
    OUT_OF_RANGE,
    NOT_YET,
    BAD_ALLOW,
    BAD_NAME,
    RESERVED_NAME,
    WRONG_OWNER,
    DUPLICATE_TYPE,
    ALIAS_CLASH,
    TOPIC_CLASH,
    BAD_TYPE,
    BAD_FIELD_NAME,
    RESERVED_FIELD,
    FIELD_ALIAS_CLASH,
    BAD_KEY_FIELD,
    UNDECLARED_TARGET,
    TARGET_IS_FACT,
    DUPLICATE_TRIGGER,
    BAD_EXPRESSION,
    BAD_EMITS,
    EMITTED_BY_NOBODY,
    BAD_PATTERN,
    INBOUND_COMMAND,
    TOO_FEW_REPLICAS,
    COMPACTED_EVENTS,
    UNKNOWN_MODULE,
    UNGUARDED_FIELD,
    NEVER_HOLDS,
    NOT_BOOLEAN,
    NEVER_FIRES,
    NO_SOURCE,
];

macro_rules! codes {
    ($($name:ident = $code:literal, $means:literal;)*) => {
        $(#[doc = $means] pub const $name: &str = $code;)*

        /// Every code, in order.
        pub const ALL: &[Code] = &[$(Code {
            id: $code,
            means: $means,
            page: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/errors/", $code, ".md")),
        }),*];
    };
}

codes! {
    // the file
    SYNTAX = "RB0101", "The file is not YAML.";
    TOO_LARGE = "RB0102", "The file, or a part of it, is larger than the limit.";
    UNKNOWN_KEY = "RB0103", "A key that does not exist at this place.";
    DUPLICATE_KEY = "RB0104", "A mapping has the same key twice.";
    MISSING_KEY = "RB0105", "A key that must be there is not.";
    WRONG_KIND = "RB0106", "A list, a mapping or a single value where another is needed.";
    BAD_VALUE = "RB0107", "A value that cannot be read, or is not one of those allowed.";
    OUT_OF_RANGE = "RB0108", "A number or duration outside its range.";
    EMPTY_KEY = "RB0109", "A key without a value.";
    NO_EFFECT = "RB0110", "A key whose feature is not built yet: it is checked and has no effect.";
    NOT_YET = "RB0111", "A value whose feature is not built yet, and without which the file would mean something else.";
    BAD_ALLOW = "RB0112", "`allow` names a code that does not exist, or one of an error.";
    TOO_MANY = "RB0113", "More findings than are shown.";
    AUDIT_OFF = "RB0114", "Without the audit trail there is no ledger against duplicates either.";
    UNUSED_ALLOW = "RB0115", "`allow` names a code of which nothing is found.";
    // names
    BAD_NAME = "RB0120", "A name that does not follow the grammar.";
    RESERVED_NAME = "RB0121", "A name that the bus keeps for itself.";
    WRONG_OWNER = "RB0122", "An event type that is declared by a module that does not own it.";
    DUPLICATE_TYPE = "RB0123", "An event type is declared twice.";
    ALIAS_CLASH = "RB0124", "An alias is the name or an alias of another event type.";
    TOPIC_CLASH = "RB0125", "Kafka cannot hold both topics, or not under this name.";
    ALIAS_USED = "RB0126", "A deprecated alias is used where the canonical name should be.";
    DEPRECATED_USED = "RB0127", "A deprecated event type is used.";
    // payloads
    BAD_TYPE = "RB0130", "A field's type cannot be read.";
    BAD_FIELD_NAME = "RB0131", "A field's name cannot be used.";
    RESERVED_FIELD = "RB0132", "A payload field is called `action`, `data` or `metadata`.";
    FIELD_ALIAS_CLASH = "RB0133", "Two fields of a payload share a name or an alias.";
    FLOW_TYPE = "RB0134", "A type with `?` or a comma stands unquoted between braces, where YAML readers differ.";
    BAD_KEY_FIELD = "RB0135", "`key` does not name a field that can be the entity of a record.";
    DEFAULT_KEY = "RB0136", "A fact without `key`: what stands in for it.";
    // triggers
    UNDECLARED_TARGET = "RB0140", "A trigger emits a command that is declared nowhere.";
    TARGET_IS_FACT = "RB0141", "A trigger emits a fact: only commands can be derived.";
    DUPLICATE_TRIGGER = "RB0142", "Two triggers of a fact have the same id.";
    BAD_EXPRESSION = "RB0143", "An expression does not compile.";
    UNKNOWN_FIELD = "RB0144", "A field that the payload does not declare.";
    TWO_SHAPES = "RB0145", "Facts of different shapes trigger the same command.";
    BAD_EMITS = "RB0146", "`may_emit` or `emits` names something that is not a fact of the module.";
    // subscriptions, and what they and the triggers add up to
    EMITTED_BY_NOBODY = "RB0150", "An inbound fact that no module emits.";
    BAD_PATTERN = "RB0151", "An inbound pattern that cannot be read.";
    MATCHES_NOTHING = "RB0152", "An inbound pattern that covers no event type.";
    INBOUND_COMMAND = "RB0153", "An inbound entry that names a command.";
    ONE_SIDED = "RB0154", "A fact and a module that only `triggers` or only `inbound` brings together.";
    DOUBLE_DELIVERY = "RB0155", "A module gets facts twice: through a wildcard and as commands.";
    SILENT_MODULE = "RB0156", "A module without facts, or without a way in.";
    UNHEARD_FACT = "RB0157", "A fact that nobody consumes.";
    UNSENT_COMMAND = "RB0158", "A command that nobody sends.";
    // topics
    TOO_FEW_REPLICAS = "RB0160", "`min_insync_replicas` is more than there are replicas.";
    UNKNOWN_CONFIG = "RB0161", "A topic configuration that Kafka does not have.";
    COMPACTED_EVENTS = "RB0162", "Compaction would drop all but the newest event of each key.";
    // cases
    BAD_CASE = "RB0165", "A case whose event cannot be made.";
    CASE_NAME = "RB0166", "A case names an event type, an entity type, a command or a topic that the catalogue does not have.";
    BAD_EXPECTATION = "RB0167", "A case expects what no decision can give.";
    DUPLICATE_CASE = "RB0168", "Two cases of a file have the same name.";
    NEVER_EMITTED = "RB0169", "A case expects a command that no trigger of its fact emits, or a fact that no change of its entity does.";
    // state
    UNKNOWN_MODULE = "RB0170", "A module that is not declared.";
    // types of expressions, and of what passes into commands
    WRONG_OPERANDS = "RB0180", "An operator or function that does not work on what it is given.";
    UNGUARDED_FIELD = "RB0181", "An optional field is used without asking whether it is there.";
    NEVER_HOLDS = "RB0182", "A comparison that never holds.";
    ALWAYS_HOLDS = "RB0183", "A comparison that always holds.";
    NOT_BOOLEAN = "RB0184", "A condition that is not a boolean.";
    NEVER_FIRES = "RB0185", "A trigger that can never fire.";
    ALWAYS_FIRES = "RB0186", "A condition that always holds.";
    UNFIT_MAPPING = "RB0187", "A mapped value that its field does not take.";
    NO_SOURCE = "RB0188", "A required field of a command that nothing fills for certain.";
    UNFIT_FIELD = "RB0189", "A field that passes into a command whose field of that name takes something else.";
    // the graph
    CYCLE = "RB0190", "A `may_emit` closes a cycle: what it leads to is its own command.";
    SAME_COMMAND = "RB0191", "Two triggers of a fact always emit the same command.";
    COVERED_TWICE = "RB0192", "Two entries of an `inbound` cover the same event.";
    // what depends on the event
    MAY_FAIL = "RB0193", "An expression that fails on some events, though they keep their contract.";
    // slips that are something else by accident
    LONE_SLIP = "RB0197", "An object whose only field is called nearly `type`.";
    COMMAND_AGAIN = "RB0198", "A trigger sends a command that another trigger of the fact sends anyway.";
    UNCHECKED_FIELD = "RB0199", "A command's optional field that its fact does not declare, and may carry all the same.";
    // state
    UNMAPPED_FIELD = "RB0200", "A required field of an emitted fact that nothing fills.";
    BAD_CHANGE = "RB0201", "`on` names something that is not a kind of change.";
    NEVER_EMITS = "RB0202", "A fact that no change of state can emit.";
    NO_STATE = "RB0203", "A field of `old` or `new` is used where there may be no such state.";
    OWNER_READS = "RB0204", "`readers` lists the module that owns the state, and reads it anyway.";
    ANY_STATE = "RB0205", "An entity type without `fields`, whose state may be anything.";
}
