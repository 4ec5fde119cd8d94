//! Dead letters by event type and reasons. Anybody may write headers, so the number of groups is bounded.
//!
//! Partitions come in any order, and what is said of the same dead letters is the same each time.

/// The most groups that are told apart; what comes beyond is counted together.
pub(super) const MAX_GROUPS: usize = 1000;
/// What is beyond a bound.
pub(super) const OTHERS: &str = "(others)";

/// A group of dead letters.
pub(super) trait Group {
    /// An empty one.
    fn new(event_type: &str, reasons: &str) -> Self;

    /// Its event type and its reasons.
    fn name(&self) -> (&str, &str);

    /// How many dead letters it counts.
    fn size(&self) -> u64;
}

/// The group of this event type and these reasons, made where it is new.
pub(super) fn group<'g, G: Group>(groups: &'g mut Vec<G>, event_type: &str, reasons: &str) -> &'g mut G {
    let at = groups.iter().position(|group| group.name() == (event_type, reasons));
    let at = at.unwrap_or_else(|| {
        let new = match groups.len() {
            0..MAX_GROUPS => G::new(event_type, reasons),
            MAX_GROUPS => G::new(OTHERS, OTHERS),
            _ => return MAX_GROUPS,
        };
        groups.push(new);
        groups.len() - 1
    });
    &mut groups[at]
}

/// Puts the largest first.
pub(super) fn sort<G: Group>(groups: &mut [G]) {
    groups.sort_by(|a, b| b.size().cmp(&a.size()).then_with(|| a.name().cmp(&b.name())));
}

/// Keeps the `most` least of all that come, in order.
pub(super) fn keep_least<T, K: Ord>(
    kept: &mut Vec<T>,
    most: usize,
    key: impl Fn(&T) -> K,
    new: K,
    make: impl FnOnce() -> T,
) {
    let at = kept.partition_point(|old| key(old) <= new);
    if at < most {
        kept.truncate(most - 1);
        kept.insert(at, make());
    }
}
