use std::time::Duration;

use tokio::sync::oneshot::error::TryRecvError;

use super::*;

const SOON: Option<Duration> = Some(Duration::from_secs(10));

fn open() -> (Reloads, Requests) {
    let (reloads, requests) = Reloads::new();
    requests.open.store(true, Ordering::Release);
    (reloads, requests)
}

#[test]
fn one_reload_answers_all_who_asked_before_it() {
    let (reloads, requests) = open();
    let asked: Vec<_> = (0..20).map(|_| reloads.ask().unwrap()).collect();
    let Wishes { reload, askers, touched, topics } = requests.next(SOON).unwrap();
    assert_eq!((reload, askers.len(), touched, topics), (true, 20, false, false));
    // Who asks now has perhaps written what that reload does not see any more.
    let mut late = reloads.ask().unwrap();
    for asker in askers {
        asker.send(Err(Refused::Catalogue("so".to_owned()))).unwrap();
    }
    for mut one in asked {
        assert_eq!(one.try_recv().unwrap(), Err(Refused::Catalogue("so".to_owned())));
    }
    assert_eq!(late.try_recv(), Err(TryRecvError::Empty));
    assert_eq!(requests.next(SOON).unwrap().askers.len(), 1);
    assert!(requests.next(Some(Duration::ZERO)).is_err());
}

#[test]
fn a_busy_folder_does_not_hide_a_wish() {
    let (reloads, requests) = open();
    (0..100).for_each(|_| reloads.touched());
    reloads.look_at_topics();
    let _asked = reloads.ask().unwrap();
    let wishes = requests.next(SOON).unwrap();
    assert!(wishes.touched && wishes.reload && wishes.topics);
}

#[test]
fn who_asks_is_bounded_and_never_left_waiting() {
    let (reloads, requests) = Reloads::new();
    assert!(reloads.ask().is_none(), "nothing is routed yet");
    requests.open.store(true, Ordering::Release);
    let mut asked: Vec<_> = std::iter::from_fn(|| reloads.ask()).collect();
    assert_eq!(asked.len(), MAX_ASKERS);
    drop(requests);
    assert_eq!(asked[0].try_recv(), Err(TryRecvError::Closed));
    assert!(reloads.ask().is_none());
}
