//! What the tests stand on. Bottom up: `wait` (deadlines), `record` and `native` (records as bytes), `cluster` (a real
//! broker), `produce` and `read` (clients of our own, which share no code with the router), `router` (the process
//! under test) and `http` (what it serves), `bus` (a catalogue and its topics), `facts`, `flow` and `letters` (input good and bad), `oracle` (the
//! judge), `edition` (catalogues that change), `entities` (updates of entities).

pub mod bus;
pub mod cluster;
pub mod disk;
pub mod edition;
pub mod entities;
pub mod facts;
mod flow;
pub mod http;
pub mod letters;
mod native;
pub mod oracle;
pub mod produce;
pub mod read;
pub mod record;
pub mod router;
pub mod wait;

pub use bus::Bus;
pub use cluster::{Broker, Cluster};
pub use flow::while_flowing;
pub use oracle::{Expect, Sent};
pub use produce::Sender;
pub use read::Follower;
pub use record::{Outgoing, Record};
pub use router::Router;
pub use wait::{Pace, block_on, eventually};
