//! A real broker: Apache Kafka through `scripts/kafka run`, which stops it when this process ends, however it ends.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use rdkafka::ClientConfig;

use super::wait::eventually;

/// How to reach a broker.
#[derive(Debug, Clone)]
pub struct Broker {
    pub bootstrap: String,
    /// Where its files are, for Kafka's own tools.
    pub dir: PathBuf,
    /// The CA of a broker that speaks TLS.
    pub ca: Option<PathBuf>,
    /// Properties of librdkafka that every client of it needs.
    pub client: Vec<(String, String)>,
    /// Addresses that it names to whoever comes through a proxy there, and the listener behind each.
    pub proxied: Vec<(String, String)>,
}

/// What kind of broker to start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Open to everyone.
    Plain,
    /// SCRAM over TLS; ACLs deny by default; the superuser is admin/admin-secret.
    Sasl,
    /// Open to everyone, and so many times once more behind a proxy.
    Proxied(usize),
}

/// A running broker. Dropping it stops the broker.
pub struct Cluster {
    pub broker: Broker,
    child: Child,
    lifeline: Option<ChildStdin>,
}

impl Cluster {
    /// The broker that the tests share, started when the first one asks.
    pub fn shared() -> &'static Broker {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        &SHARED.get_or_init(|| Self::start(Kind::Plain, None)).broker
    }

    /// Starts a broker; on the folder of an earlier one, with its address and its records.
    pub fn start(kind: Kind, dir: Option<&Path>) -> Self {
        let mut command = Command::new(script());
        command.arg("run").stdin(Stdio::piped()).stdout(Stdio::piped());
        if let Some(dir) = dir {
            command.arg("--dir").arg(dir);
        }
        match kind {
            Kind::Plain => &mut command,
            Kind::Sasl => command.arg("--sasl"),
            Kind::Proxied(times) => command.arg("--proxied").arg(times.to_string()),
        };
        let mut child = command.spawn().expect("scripts/kafka starts");
        let lifeline = child.stdin.take();
        // Its answer is read line by line: it keeps its standard output open while the broker runs.
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut answer = |key: &str| {
            let line = lines.next().unwrap_or_else(|| panic!("no broker: scripts/kafka said why on stderr"));
            line.strip_prefix(key).unwrap_or_else(|| panic!("{line:?} is not {key}…")).to_owned()
        };
        let mut broker = Broker {
            bootstrap: answer("bootstrap="),
            dir: answer("dir=").into(),
            ca: None,
            client: Vec::new(),
            proxied: Vec::new(),
        };
        match kind {
            Kind::Plain => {}
            Kind::Sasl => {
                broker.ca = Some(answer("ca=").into());
                broker.client = broker.scram("admin", "admin-secret");
            }
            Kind::Proxied(times) => {
                let pair = |line: String| line.split_once(',').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
                broker.proxied = (0..times).map(|_| pair(answer("proxied="))).collect();
            }
        }
        Self { broker, child, lifeline }
    }

    /// Prepares the folders of several brokers that are one cluster: `1`, `2` … in this one.
    pub fn prepare(nodes: usize, dir: &Path) {
        let mut command = Command::new(script());
        let done = command.args(["nodes", &nodes.to_string(), "--dir"]).arg(dir).status().unwrap();
        assert!(done.success(), "scripts/kafka said why on stderr");
    }

    /// Waits until the broker has ended by itself.
    pub fn ends_within(self, within: Duration) {
        let pid = std::fs::read_to_string(self.broker.dir.join("pid")).unwrap();
        let gone = || !Path::new("/proc").join(pid.trim()).exists();
        eventually("the broker ends", within, || gone().then_some(()));
    }

    /// A clean stop; returns when the broker is gone.
    pub fn stop(mut self) {
        self.end();
    }

    /// SIGKILL: it cannot clean up.
    pub fn kill(self) {
        let pid = std::fs::read_to_string(self.broker.dir.join("pid")).unwrap();
        let killed = Command::new("sh").args(["-c", &format!("kill -KILL {pid}")]).status().unwrap();
        assert!(killed.success(), "the broker is gone already");
    }

    fn end(&mut self) {
        self.lifeline = None;
        self.child.wait().ok();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.end();
    }
}

impl Broker {
    /// The configuration that every client of this broker starts from.
    pub fn config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.bootstrap);
        for (key, value) in &self.client {
            config.set(key, value);
        }
        config
    }

    /// The properties with which this user reaches a broker that speaks SCRAM over TLS.
    pub fn scram(&self, user: &str, password: &str) -> Vec<(String, String)> {
        let ca = self.ca.as_deref().expect("a broker with TLS").display().to_string();
        [
            ("security.protocol", "SASL_SSL"),
            ("sasl.mechanisms", "SCRAM-SHA-512"),
            ("sasl.username", user),
            ("sasl.password", password),
            ("ssl.ca.location", &ca),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .to_vec()
    }

    /// Runs one of Kafka's own tools, as `scripts/kafka TOOL ARGUMENT…` does, and expects it to succeed.
    pub fn tool(&self, tool: &str, arguments: &[&str]) -> String {
        let output = Command::new(script()).args([tool, "--dir"]).arg(&self.dir).args(arguments).output().unwrap();
        assert!(output.status.success(), "scripts/kafka {tool} {arguments:?}: {}", text(&output));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Sets something of a topic, such as `cleanup.policy=delete`, behind everybody's back; returns once the broker has
    /// heard of it, for the controller answers before.
    pub fn set_on_topic(&self, topic: &str, setting: &str) {
        let of_topic = ["--entity-type", "topics", "--entity-name", topic];
        self.tool("configs", &[&["--alter", "--add-config", setting][..], &of_topic].concat());
        self.knows_of_topic(topic, setting);
    }

    /// Waits until the broker has heard that a topic has such a setting.
    pub fn knows_of_topic(&self, topic: &str, setting: &str) {
        let describe = ["--describe", "--entity-type", "topics", "--entity-name", topic];
        let expected = format!("{setting} ");
        eventually(&format!("the broker knows of {setting}"), Duration::from_secs(120), || {
            self.tool("configs", &describe).contains(&expected).then_some(())
        });
    }
}

/// All that a process printed.
pub fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/kafka")
}
