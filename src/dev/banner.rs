//! What is said first: where everything is, and what the embedded broker is not.

use super::line::{Colour, Ink};
use super::session::Options;
use crate::catalogue::Catalogue;

/// What there is to say.
pub(super) struct Banner<'a> {
    /// Whether the broker is ours.
    pub(super) embedded: bool,
    pub(super) brokers: &'a str,
    /// A topic to look at.
    pub(super) topic: &'a str,
    /// Where metrics are served.
    pub(super) listen: &'a str,
    pub(super) catalogue: &'a Catalogue,
    pub(super) options: &'a Options,
}

const LIMITS: &str = "
The embedded broker is for trying things out: nothing survives it, it does not hide the records of aborted
transactions, and it proves nothing about exactly-once. --brokers HOST:PORT does the same on a real cluster.
";

impl Banner<'_> {
    /// The first lines.
    pub(super) fn text(&self, colour: Colour) -> String {
        let what = if self.embedded { "an embedded broker" } else { "your cluster" };
        let title = colour.paint(Ink::Strong, "revbus dev");
        let mut out = format!("{title}: {what}, the router, sample traffic, and this view of what flows\n\n");
        for [name, value, more] in self.rows() {
            out.push_str(&format!("  {name:<9}  {}", colour.paint(Ink::Strong, &value)));
            if !more.is_empty() {
                out.push_str(&colour.paint(Ink::Dim, &format!("   {more}")));
            }
            out.push('\n');
        }
        if self.embedded {
            out.push_str(LIMITS);
        }
        let end = match self.options.time {
            Some(time) => format!("it ends {} s after the first fact, or with Ctrl-C", time.as_secs_f64()),
            None => "Ctrl-C ends it".to_owned(),
        };
        out + &format!("\nThe router joins its group, which takes a few seconds; {end}.\n")
    }

    /// Name, value, and what else there is to say.
    fn rows(&self) -> [[String; 3]; 4] {
        let Self { brokers, topic, listen, catalogue, options, .. } = self;
        let (facts, commands) = (catalogue.facts().count(), catalogue.commands().count());
        let triggers: usize = catalogue.facts().map(|(.., fact)| fact.triggers.len()).sum();
        let row = |name: &str, value: String, more: String| [name.to_owned(), value, more];
        [
            row("broker", (*brokers).to_owned(), format!("read it: kcat -b {brokers} -C -t {topic}")),
            row("metrics", format!("http://{listen}/metrics"), String::new()),
            row(
                "catalogue",
                format!("{facts} facts, {triggers} triggers, {commands} commands"),
                format!("digest {}", catalogue.digest),
            ),
            row(
                "traffic",
                format!("{} facts a second", options.rate),
                format!("1 in 12 of them bad; --seed {} gives the same again", options.seed),
            ),
        ]
    }
}
