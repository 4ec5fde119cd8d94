//! Where settings come from: a properties file, the environment, `--set`.

use super::keys;

/// One setting, and how to name the place it stands at.
pub(super) struct Setting {
    pub(super) key: String,
    pub(super) value: String,
    pub(super) place: String,
    pub(super) channel: Channel,
}

/// How a setting came here.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Channel {
    File,
    Environment,
    CommandLine,
}

/// In front of the names of environment variables that are settings.
pub(super) const PREFIX: &str = "REVBUS_KAFKA_";
/// Variables that start like settings and are not: a flag's, and that of `scripts/kafka`.
const OTHER: &[&str] = &["REVBUS_KAFKA_CONFIG", "REVBUS_KAFKA_HOME"];

/// Reads `key=value` lines; `#` and `!` start comments. Values are taken as they stand, but for blanks around them.
pub(super) fn file(name: &str, text: &str) -> Vec<Result<Setting, String>> {
    let lines = text.trim_start_matches('\u{feff}').lines().enumerate();
    lines
        .map(|(at, line)| (at + 1, line.trim()))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with(['#', '!']))
        .map(|(at, line)| {
            let place = format!("{name}:{at}");
            if line.ends_with('\\') {
                return Err(format!("{place}: a value that goes on in the next line is not supported: join the lines"));
            }
            let (key, value) = pair(line).ok_or_else(|| format!("{place}: expected key=value"))?;
            Ok(Setting { key, value, place, channel: Channel::File })
        })
        .collect()
}

/// Whether a name is one of those that Kubernetes gives to every container beside a service called `revbus-kafka`.
fn is_of_kubernetes(key: &str) -> bool {
    key == "port" || key.starts_with("port.") || key.starts_with("service.")
}

/// Takes `REVBUS_KAFKA_SASL_PASSWORD` for `sasl.password`. Empty variables are unset ones.
pub(super) fn environment(variables: &[(String, String)]) -> Vec<Setting> {
    let names = variables.iter().filter(|(name, value)| !value.is_empty() && !OTHER.contains(&name.as_str()));
    let mut out: Vec<Setting> = names
        .filter_map(|(name, value)| {
            let key = name.strip_prefix(PREFIX)?.to_ascii_lowercase().replace('_', ".");
            let key = if key == "log.level" { "log_level".to_owned() } else { key };
            let setting = Setting { key, value: value.clone(), place: name.clone(), channel: Channel::Environment };
            (!is_of_kubernetes(&setting.key)).then_some(setting)
        })
        .collect();
    out.sort_by(|a, b| a.place.cmp(&b.place));
    out
}

/// Reads the values of `--set`. What is malformed is not repeated: it may be a secret.
pub(super) fn command_line(values: &[String]) -> Vec<Result<Setting, String>> {
    let read = |value: &String| {
        let (key, value) = pair(value).ok_or_else(|| "--set: expected key=value".to_owned())?;
        Ok(Setting { place: format!("--set {key}"), key, value, channel: Channel::CommandLine })
    };
    values.iter().map(read).collect()
}

/// The environment variable of a setting.
pub(super) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.to_ascii_uppercase().replace('.', "_"))
}

fn pair(text: &str) -> Option<(String, String)> {
    let (key, value) = text.split_once('=')?;
    let key = key.trim();
    (!key.is_empty()).then(|| (key.to_owned(), value.trim().to_owned()))
}

/// What is wrong with a setting before librdkafka sees it.
pub(super) fn refuse(setting: &Setting) -> Option<String> {
    let Setting { key, place, channel, .. } = setting;
    if *channel == Channel::CommandLine && keys::is_secret(key) {
        let variable = variable(key);
        return Some(format!(
            "{place}: a secret does not belong on the command line, where every process can read it: put `{key}=…` \
             into the file of --kafka-config, or set {variable}"
        ));
    }
    if let Some(why) = keys::fixed(key) {
        return Some(format!("{place}: `{key}` cannot be set: {why}"));
    }
    keys::java(key).map(|instead| format!("{place}: `{key}` is a setting of the Java clients: {instead}"))
}
