//! ST-1 under kill -9: sixteen writers count on fifty entities, through two routers of which one dies every few seconds.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use revbus::client::state::view::{StateView, Store, ViewOptions};
use revbus::kafka::config::KafkaSettings;
use revbus::state::EntityKey;
use serde_json::{Value, json};

use super::desk::Desk;
use super::replay::Replay;
use super::update::{MODULE, Update, catalogue};
use crate::cluster::shared;
use crate::linear::{Answer, Ask, Call, Entity, Timed, check};
use crate::seed::{Random, full, schedule};
use crate::support::{Bus, Pace};

const WRITERS: usize = 16;
const COUNTERS: usize = 50;
const TENANT: &str = "tenant_001";
const NEVER: u64 = 1 << 40;

/// The calls on each counter.
type Histories = BTreeMap<String, Vec<Timed<Call>>>;

/// A writer of the tests.
struct Writer<'d> {
    name: usize,
    desk: &'d Desk<'d>,
    begun: Instant,
    histories: &'d Mutex<Histories>,
    random: Random,
    asked: usize,
}

impl Writer<'_> {
    /// Counts until it is told to stop; each time until it has counted.
    fn run(mut self, stop: &AtomicBool) {
        while !stop.load(Ordering::Relaxed) {
            // Some are counted on more often than others.
            let counter = format!("counter_{}", self.random.below(COUNTERS).min(self.random.below(COUNTERS)));
            let mut known = (0, 0);
            while !stop.load(Ordering::Relaxed) {
                match self.write(&counter, known.0, known.1 + 1) {
                    Answer::Conflict(version, state) => known = (version, count(state.as_ref())),
                    Answer::Done(_) | Answer::Unknown | Answer::Read(_) => break,
                }
            }
        }
    }

    /// One compare-and-set.
    fn write(&mut self, counter: &str, expected: u64, n: u64) -> Answer {
        self.asked += 1;
        let ask = Ask::Put(json!({ "health_score": n }));
        let update = Update {
            event_id: format!("writer_{}_{}", self.name, self.asked),
            by: MODULE,
            tenant: TENANT,
            entity: counter.to_owned(),
            ask: ask.clone(),
            expected: Some(expected),
            reply_to: Some((format!("writer_{}", self.name), (self.name % 4) as i32)),
        };
        let asked = self.moment();
        let told = self.desk.ask(&update);
        let answered = told.is_some().then(|| self.moment());
        let answer = told.as_ref().map_or(Answer::Unknown, answer);
        let call = Call { ask, expected: Some(expected), answer: answer.clone() };
        let mut histories = self.histories.lock().unwrap();
        histories.entry(counter.to_owned()).or_default().push(Timed { asked, answered, call });
        drop(histories);
        // Whoever asked again is told only which version stood in the way.
        if matches!(answer, Answer::Conflict(1.., None)) { self.write(counter, NEVER, 0) } else { answer }
    }

    fn moment(&self) -> u64 {
        self.begun.elapsed().as_nanos() as u64
    }
}

fn count(state: Option<&Value>) -> u64 {
    state.map_or(0, |state| state["health_score"].as_u64().unwrap())
}

fn answer(told: &Value) -> Answer {
    let version = told["version"].as_u64();
    match (told["outcome"].as_str(), version) {
        (Some("state_changed"), Some(version)) => Answer::Done(version),
        (Some("conflict"), Some(version)) => Answer::Conflict(version, told["current"].get("state").cloned()),
        _ => panic!("no answer to a well-formed update: {told}"),
    }
}

#[test]
fn every_acknowledged_increment_counts_once_whoever_dies() {
    let kills = schedule("every_acknowledged_increment", |random| {
        let one = |_| (random.below(2), random.between(4_000, 8_000) as u64);
        (0..if full() { 100 } else { 7 }).map(one).collect::<Vec<_>>()
    });
    let bus = Bus::new(shared(), "counters", &catalogue(), 4);
    bus.apply();
    let start =
        |at: usize| bus.router_with(["a", "b"][at], |command| command.args(["--set", "session.timeout.ms=3000"]));
    let mut routers = [start(0), start(1)];
    let (histories, begun, stop) = (Mutex::new(Histories::new()), Instant::now(), AtomicBool::new(false));
    let desk = Desk::of(&bus);
    let writer = |name| {
        let random = Random::of(name as u64);
        Writer { name, desk: &desk, begun, histories: &histories, random, asked: 0 }
    };
    std::thread::scope(|scope| {
        let (writer, stop) = (&writer, &stop);
        let writers: Vec<_> = (0..WRITERS).map(|name| scope.spawn(move || writer(name).run(stop))).collect();
        for (router, after) in kills {
            Pace::every(Duration::from_millis(after)).step();
            routers[router].kill();
            routers[router] = start(router);
        }
        Pace::every(Duration::from_secs(4)).step();
        stop.store(true, Ordering::Relaxed);
        writers.into_iter().for_each(|writer| writer.join().unwrap());
    });
    routers.into_iter().for_each(crate::support::Router::stop);
    // Another router, which reads all of it back: what it answers is what it has.
    let reader = bus.router("reader");
    let mut last = writer(WRITERS);
    let names: Vec<_> = histories.lock().unwrap().keys().cloned().collect();
    let seen: BTreeMap<_, _> = names.iter().map(|name| (name.clone(), last.write(name, NEVER, 0))).collect();
    reader.stop();
    judge(&bus, &histories.into_inner().unwrap(), &seen);
}

/// The counters as a view of the topic has them, by the keys of their records.
fn viewed(bus: &Bus, histories: &Histories, store: Store) -> BTreeMap<String, (u64, Value)> {
    let settings = KafkaSettings::of_brokers(&bus.broker.bootstrap);
    let view =
        StateView::open(ViewOptions { settings, topic: bus.topic("revbus.state"), partitions: None, store }).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(view.ready(Duration::from_secs(120))).unwrap();
    let one = |id: &String| {
        let key = EntityKey { tenant: TENANT, module: "customer_success", entity_type: "account", id };
        let entity = view.get(key).unwrap()?;
        let state = serde_json::from_str(&entity.state).unwrap();
        Some((format!("{TENANT}/customer_success/account/{id}"), (entity.written.version.0, state)))
    };
    let all: BTreeMap<_, _> = histories.keys().filter_map(one).collect();
    assert_eq!(view.stats().entities, all.len() as u64, "it has these and no others");
    all
}

fn judge(bus: &Bus, histories: &Histories, seen: &BTreeMap<String, Answer>) {
    let replay = Replay::of(bus);
    assert_eq!(replay.compare(bus), Vec::<String>::new());
    for store in [Store::Memory, Store::Folder(bus.dir.path().join("view"))] {
        assert_eq!(viewed(bus, histories, store), replay.entities, "what a view has");
    }
    let (mut calls, mut counted) = (0, 0);
    for (counter, history) in histories {
        let done = history.iter().filter(|call| matches!(call.call.answer, Answer::Done(_))).count() as u64;
        let unknown = history.iter().filter(|call| call.call.answer == Answer::Unknown).count() as u64;
        let found = replay.entities.get(&format!("{TENANT}/customer_success/account/{counter}"));
        let (version, state) = found.map_or((0, None), |(version, state)| (*version, Some(state.clone())));
        assert_eq!(count(state.as_ref()), version, "{counter}: each version is one more");
        assert!((done..=done + unknown).contains(&version), "{counter}: {done} acknowledged, {version} counted");
        assert_eq!(seen[counter], Answer::Conflict(version, state), "{counter}: what a router has read back");
        assert_eq!(check::<Entity>(None, history), Ok(()), "{counter}: no order explains its answers");
        (calls, counted) = (calls + history.len(), counted + version);
    }
    println!("{calls} calls, {counted} increments on {} counters", histories.len());
    assert!(counted > 100, "only {counted} were counted");
    bus.verify();
}
