//! The two forms in which a verb prints what it has to say.

/// Text for people, or JSON for programs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Output {
    #[default]
    Text,
    Json,
}
