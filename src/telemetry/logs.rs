//! Logs: lines on stderr, for people or as JSON. Data goes to stdout and never here; no payload at info.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

/// The environment variable that filters, as in `REVBUS_LOG=debug,librdkafka=info`.
pub const VARIABLE: &str = "REVBUS_LOG";

/// How a log line looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Why logs could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LogsError {
    /// The filter is none.
    #[error("{VARIABLE} is not a filter of logs: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// Somebody set them up before.
    #[error("logs were already set up")]
    Twice,
}

/// Sets up logs for the whole process. `level` holds unless [`VARIABLE`] says otherwise.
///
/// # Errors
/// A filter that is none, and a second call.
pub fn init(format: LogFormat, level: tracing::Level) -> Result<(), LogsError> {
    let filter = filter(std::env::var(VARIABLE).ok().as_deref(), level)?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_span_events(FmtSpan::NONE)
        // It would panic over a log that nobody takes, and take the router with it.
        .log_internal_errors(false)
        .with_ansi(std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()));
    match format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init(),
    }
    .map_err(|_| LogsError::Twice)
}

/// The client library reports every lost connection at info and worse; what matters of it the router says itself, and a verb
/// in its error.
pub(super) fn filter(variable: Option<&str>, level: tracing::Level) -> Result<EnvFilter, LogsError> {
    let ours = variable.filter(|text| !text.trim().is_empty());
    let library = if level < tracing::Level::INFO { tracing::Level::ERROR } else { tracing::Level::WARN };
    let default = format!("{level},librdkafka={library},rdkafka={library}");
    Ok(EnvFilter::builder().parse(ours.unwrap_or(&default))?)
}
