//! Chance that can be repeated. A scenario draws its whole schedule from one seed before anything happens, and prints
//! both: `REVBUS_SEED=…` with the scenario's name does the same again.

use std::fmt::Debug;
use std::hash::{BuildHasher, Hasher, RandomState};

/// The numbers of a seed (SplitMix64 by G. Steele, D. Lea and C. Flood).
pub struct Random(u64);

impl Random {
    pub const fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// A number from `0` up to and without `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) as usize % end
    }

    /// A number from `from` to `to`, both possible.
    pub fn between(&mut self, from: usize, to: usize) -> usize {
        from + self.below(to - from + 1)
    }

    /// One of several.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// Several in any order.
    pub fn shuffled<T: Copy>(&mut self, of: &[T]) -> Vec<T> {
        let mut out = of.to_vec();
        for last in (1..out.len()).rev() {
            out.swap(last, self.below(last + 1));
        }
        out
    }
}

/// A scenario's schedule, of `REVBUS_SEED` or of a new seed.
pub fn schedule<T: Debug>(scenario: &str, draw: impl FnOnce(&mut Random) -> T) -> T {
    let seed = match std::env::var("REVBUS_SEED") {
        Ok(text) => text.parse().expect("REVBUS_SEED is a number"),
        Err(_) => RandomState::new().build_hasher().finish(),
    };
    let schedule = draw(&mut Random(seed));
    // Shown when the scenario fails.
    println!("{scenario}: REVBUS_SEED={seed} {schedule:?}");
    schedule
}

/// Whether hours may be spent: `REVBUS_FAULTS=full`.
pub fn full() -> bool {
    match std::env::var("REVBUS_FAULTS").as_deref() {
        Ok("full") => true,
        Ok(other) => panic!("REVBUS_FAULTS={other:?}: `full` or nothing"),
        Err(_) => false,
    }
}

#[test]
fn a_seed_gives_its_schedule_again() {
    let draw = |seed| {
        let mut random = Random(seed);
        (random.shuffled(&[1, 2, 3, 4, 5]), random.between(3, 900), random.pick(&["a", "b"]))
    };
    assert_eq!(draw(7), draw(7));
    assert!((8..20).any(|seed| draw(seed) != draw(7)));
}
