//! A TCP proxy between a router and its broker that knows Kafka's frames: which request each is, and which reply
//! answers which. A rule says what becomes of each frame; what is kept back can be delivered later, as a packet that
//! the network had mislaid.

mod connection;
mod frame;

use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

pub use frame::{Api, Frame, Way};

/// What becomes of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It goes on.
    Pass,
    /// It goes on after this time, and everything behind it waits.
    After(Duration),
    /// Nobody gets it, and nobody is told.
    Lose,
    /// The connection breaks instead.
    Cut,
    /// The connection breaks in the middle of it.
    Tear,
    /// It goes on, a heartbeat of a generation that is over.
    Outdate,
    /// It goes on, a list of topics without any broker.
    Desert,
    /// It goes on, the end of an epoch at this offset.
    Shorten(i64),
    /// The connection breaks for the client; the frame, a request, is kept for [`Proxy::deliver`].
    Keep,
}

type Rule = Box<dyn FnMut(&Frame) -> Fate + Send>;

/// A running proxy. Dropping it breaks all its connections.
pub struct Proxy {
    pub address: String,
    shared: Arc<Shared>,
    /// What the broker answered to delivered frames.
    answers: Receiver<Frame>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    listener: String,
    rule: Mutex<Rule>,
    links: Mutex<Links>,
    /// Wakes whoever delays a frame.
    over: Condvar,
    answers: SyncSender<Frame>,
}

#[derive(Default)]
struct Links {
    over: bool,
    /// Nobody gets through.
    down: bool,
    /// How often delays were cut short.
    hurried: usize,
    open: Vec<TcpStream>,
    kept: Vec<(TcpStream, Frame)>,
}

impl Proxy {
    /// Listens on an address, before a listener of the broker.
    pub fn start(address: &str, listener: &str) -> Self {
        let (sender, answers) = sync_channel(16);
        let shared = Arc::new(Shared {
            listener: listener.to_owned(),
            rule: Mutex::new(Box::new(|_| Fate::Pass)),
            links: Mutex::default(),
            over: Condvar::new(),
            answers: sender,
        });
        let clients = TcpListener::bind(address).expect(address);
        let accepting = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            for client in clients.incoming() {
                if accepting.links.lock().unwrap().over {
                    return;
                }
                connection::open(&accepting, client.unwrap());
            }
        });
        Self { address: address.to_owned(), shared, answers, thread: Some(thread) }
    }

    /// From now on this decides.
    pub fn rule(&self, rule: impl FnMut(&Frame) -> Fate + Send + 'static) {
        *self.shared.rule.lock().unwrap() = Box::new(rule);
    }

    /// Breaks all connections, and every new one.
    pub fn down(&self) {
        let mut links = self.shared.links.lock().unwrap();
        links.down = true;
        links.cut();
    }

    /// Lets everything through again.
    pub fn up(&self) {
        self.rule(|_| Fate::Pass);
        self.shared.links.lock().unwrap().down = false;
    }

    /// Lets everything through, also what is being delayed.
    pub fn go_on(&self) {
        self.up();
        self.shared.links.lock().unwrap().hurried += 1;
        self.shared.over.notify_all();
    }

    /// Delivers the requests that were kept, late; gives the broker's answers.
    pub fn deliver(&self) -> Vec<Frame> {
        let kept = std::mem::take(&mut self.shared.links.lock().unwrap().kept);
        // What came meanwhile answers what was on its way before them.
        self.answers.try_iter().for_each(drop);
        let answer = |(mut broker, frame): (TcpStream, Frame)| {
            frame.write(&mut broker).expect("the broker holds the connection");
            let answers = std::iter::from_fn(|| self.answers.recv_timeout(Duration::from_secs(20)).ok());
            answers.into_iter().find(|answer| answer.correlation() == frame.correlation()).expect("the broker answers")
        };
        kept.into_iter().map(answer).collect()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        {
            let mut links = self.shared.links.lock().unwrap();
            links.over = true;
            links.cut();
            links.kept.clear();
        }
        self.shared.over.notify_all();
        TcpStream::connect(&self.address).ok();
        self.thread.take().map(JoinHandle::join);
    }
}

impl Links {
    fn cut(&mut self) {
        for stream in self.open.drain(..) {
            stream.shutdown(std::net::Shutdown::Both).ok();
        }
    }
}

impl Shared {
    /// Waits, unless delays were cut short since they had been so `hurried` times.
    fn delay(&self, time: Duration, hurried: usize) {
        let links = self.links.lock().unwrap();
        let waits = |links: &mut Links| !links.over && links.hurried == hurried;
        drop(self.over.wait_timeout_while(links, time, waits).unwrap());
    }
}
