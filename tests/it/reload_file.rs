//! How a new catalogue is noticed: SIGHUP, and with `--watch` whatever makes the file another one.

use std::fs;
use std::os::unix::fs::symlink;
use std::time::Duration;

use crate::reload::{FEWER, audited, fewer, metric, text, wider};
use crate::support::edition::{digest, expect_by_digest, replace};
use crate::support::{Bus, Cluster, Sender, eventually, facts};

const LATEST: Duration = Duration::from_secs(120);

/// Waits until the catalogue of this text decides.
fn decides(address: &str, text: &str) {
    let info = format!("revbus_catalogue_info{{digest=\"{}\"}}", digest(text));
    eventually("the new catalogue decides", LATEST, || metric(address, &info));
}

fn refused(address: &str) -> Option<i64> {
    metric(address, "revbus_catalogue_reloads_total{result=\"refused\"}")
}

#[test]
fn sighup_loads_the_catalogue_again() {
    let bus = Bus::lean(Cluster::shared(), "hangup", 2);
    let good = text(&bus);
    let mut router = bus.router("a");
    let address = router.address();
    eventually("it routes", LATEST, || (metric(&address, "revbus_partitions_assigned") == Some(2)).then_some(()));
    let mut sent = facts::send(&Sender::new(&bus.broker), facts::mixed(&bus, 0..20, 10));
    audited(&bus, 20);
    replace(&bus.catalogue, &good.replace("- forecast.validate", "- forecast.nothing"));
    router.signal("HUP");
    eventually("it is refused", LATEST, || (refused(&address) == Some(1)).then_some(()));
    let log = router.output();
    assert!(
        log.contains("the new catalogue is refused and the old one stays") && log.contains("forecast.nothing"),
        "{log}"
    );
    let less = good.replace("          - forecast.validate\n", "");
    replace(&bus.catalogue, &less);
    router.signal("HUP");
    eventually("it is taken", LATEST, || {
        (metric(&address, "revbus_catalogue_reloads_total{result=\"taken\"}") == Some(1)).then_some(())
    });
    sent.extend(facts::send(&Sender::new(&bus.broker), facts::mixed(&bus, 20..40, 10)));
    audited(&bus, 40);
    router.stop();
    let counts = expect_by_digest(&bus, &mut sent, &[(digest(&good), facts::DEAL_WON), (digest(&less), FEWER)]);
    assert!(counts.values().eq([&20, &20]), "{counts:?}");
    bus.judge(&sent);
}

#[test]
fn with_watch_a_renamed_file_is_loaded_and_its_errors_are_told_once() {
    let bus = Bus::lean(Cluster::shared(), "watch", 2);
    let good = text(&bus);
    let mut router = bus.router_with("a", |command| command.arg("--watch"));
    let address = router.address();
    decides(&address, &good);
    let less = good.replace("          - forecast.validate\n", "");
    replace(&bus.catalogue, &less);
    decides(&address, &less);
    // The same errors, written over and over, and then another catalogue.
    let wrong = good.replace("- forecast.validate", "- forecast.nothing");
    replace(&bus.catalogue, &wrong);
    eventually("it is refused", LATEST, || (refused(&address) == Some(1)).then_some(()));
    for _ in 0..50 {
        replace(&bus.catalogue, &wrong);
    }
    // Written in place, too.
    fs::write(&bus.catalogue, &good).unwrap();
    decides(&address, &good);
    assert_eq!(refused(&address), Some(1), "{}", router.output());
    assert_eq!(router.output().matches("is refused").count(), 1, "{}", router.output());
    let mended = || (metric(&address, "revbus_catalogue_reload_failed") == Some(0)).then_some(());
    eventually("the last reload is a good one", LATEST, mended);
    // Topics are missing, until they are not: nobody has to touch the file again.
    replace(&bus.catalogue, &wider(&good));
    eventually("it is refused", LATEST, || (refused(&address) == Some(2)).then_some(()));
    bus.apply();
    decides(&address, &wider(&good));
    assert_eq!(router.output().matches("is refused").count(), 2, "{}", router.output());
    router.stop();
}

#[test]
fn with_watch_a_config_map_of_kubernetes_is_followed() {
    let bus = Bus::lean(Cluster::shared(), "volume", 1);
    let (first, second) = (text(&bus), fewer(&text(&bus)));
    fs::write(&bus.catalogue, &second).unwrap();
    bus.apply();
    // volume/topics.yaml → ..data/topics.yaml, and ..data → a folder that is another one after each change.
    let volume = bus.dir.path().join("volume");
    let put = |folder: &str, text: &str| {
        fs::create_dir_all(volume.join(folder)).unwrap();
        fs::write(volume.join(folder).join("topics.yaml"), text).unwrap();
        symlink(folder, volume.join("..new")).unwrap();
        fs::rename(volume.join("..new"), volume.join("..data")).unwrap();
    };
    put("..1", &first);
    symlink("..data/topics.yaml", volume.join("topics.yaml")).unwrap();
    let bus = Bus { catalogue: volume.join("topics.yaml"), ..bus };
    let mut router = bus.router_with("a", |command| command.env("REVBUS_WATCH", "true"));
    let address = router.address();
    decides(&address, &first);
    for (folder, before, text) in [("..2", "..1", &second), ("..3", "..2", &first), ("..4", "..3", &second)] {
        put(folder, text);
        fs::remove_dir_all(volume.join(before)).unwrap();
        decides(&address, text);
    }
    router.stop();
}
