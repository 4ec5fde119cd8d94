//! One connection of a client, and the one to the broker that belongs to it: a thread for each way.

use std::collections::HashMap;
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use super::frame::{self, Api, Frame};
use super::{Fate, Shared};

/// What both ways know.
struct Connection {
    client: TcpStream,
    broker: TcpStream,
    /// What was asked under each correlation id.
    asked: Mutex<HashMap<i32, Api>>,
    /// The client's half is gone, the broker's stays for what is delivered late.
    kept: AtomicBool,
}

/// Takes a client in.
pub(super) fn open(shared: &Arc<Shared>, client: TcpStream) {
    if shared.links.lock().unwrap().down {
        return;
    }
    // A broker that is away is a broken connection.
    let Ok(broker) = TcpStream::connect(&shared.listener) else { return };
    for stream in [&client, &broker] {
        stream.set_nodelay(true).unwrap();
    }
    {
        let mut links = shared.links.lock().unwrap();
        links.open.extend([client.try_clone().unwrap(), broker.try_clone().unwrap()]);
    }
    let connection = Arc::new(Connection { client, broker, asked: Mutex::default(), kept: AtomicBool::new(false) });
    let (requests, replies) = ((Arc::clone(shared), Arc::clone(&connection)), (Arc::clone(shared), connection));
    std::thread::spawn(move || requests.1.requests(&requests.0));
    std::thread::spawn(move || replies.1.replies(&replies.0));
}

impl Connection {
    fn requests(&self, shared: &Shared) {
        while let Ok(bytes) = frame::read(&mut &self.client) {
            let frame = Frame::request(bytes);
            self.asked.lock().unwrap().insert(frame.correlation(), frame.api);
            if !self.hand_on(shared, frame, &self.broker) {
                break;
            }
        }
        self.close();
    }

    fn replies(&self, shared: &Shared) {
        while let Ok(bytes) = frame::read(&mut &self.broker) {
            let mut frame = Frame::reply(bytes, Api::Other(-1));
            frame.api = self.asked.lock().unwrap().remove(&frame.correlation()).unwrap_or(frame.api);
            if self.kept.load(Ordering::Relaxed) {
                shared.answers.try_send(frame).ok();
            } else if !self.hand_on(shared, frame, &self.client) {
                break;
            }
        }
        self.close();
    }

    /// Does with a frame what the rule says; whether the connection goes on.
    fn hand_on(&self, shared: &Shared, frame: Frame, mut to: &TcpStream) -> bool {
        // Before the rule, which may tell a test to hurry: what it delays from here on is cut short.
        let hurried = shared.links.lock().unwrap().hurried;
        let fate = (shared.rule.lock().unwrap())(&frame);
        match fate {
            Fate::Pass => frame.write(&mut to).is_ok(),
            Fate::After(time) => {
                shared.delay(time, hurried);
                frame.write(&mut to).is_ok()
            }
            Fate::Lose => true,
            Fate::Outdate => frame.outdated().write(&mut to).is_ok(),
            Fate::Shorten(end) => frame.shortened(end).write(&mut to).is_ok(),
            Fate::Desert => frame.deserted().write(&mut to).is_ok(),
            Fate::Cut => false,
            Fate::Tear => {
                frame.write_half(&mut to).ok();
                false
            }
            Fate::Keep => {
                self.kept.store(true, Ordering::Relaxed);
                shared.links.lock().unwrap().kept.push((self.broker.try_clone().unwrap(), frame));
                false
            }
        }
    }

    fn close(&self) {
        self.client.shutdown(Shutdown::Both).ok();
        if !self.kept.load(Ordering::Relaxed) {
            self.broker.shutdown(Shutdown::Both).ok();
        }
    }
}
