//! Load in the background of a test.

use std::sync::mpsc::{TryRecvError, sync_channel};

use super::bus::Bus;
use super::facts;
use super::oracle::Sent;
use super::produce::Sender;
use super::wait::Pace;

/// Sends `slice` facts, one in ten bad, `per_second` times a second while `body` runs; gives all that was sent.
pub fn while_flowing(bus: &Bus, per_second: u32, slice: usize, body: impl FnOnce()) -> Vec<Sent> {
    std::thread::scope(|scope| {
        // Dropped when `body` ends, also by a panic: the load never outlives it.
        let (stop, stopped) = sync_channel::<()>(1);
        let load = scope.spawn(move || {
            let (sender, mut pace, mut sent) = (Sender::new(&bus.broker), Pace::per_second(per_second), Vec::new());
            while stopped.try_recv() == Err(TryRecvError::Empty) {
                pace.step();
                sent.extend(facts::send(&sender, facts::mixed(bus, sent.len()..sent.len() + slice, 10)));
            }
            sent
        });
        body();
        drop(stop);
        load.join().unwrap()
    })
}
