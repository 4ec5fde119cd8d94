//! Dead letters by event type and reasons. Anybody may write headers, so the number of groups is bounded.

/// The most groups that are told apart; what comes beyond is counted together.
pub(super) const MAX_GROUPS: usize = 1000;
/// What is beyond a bound.
pub(super) const OTHERS: &str = "(others)";

/// A group of dead letters.
pub(super) trait Group {
    /// An empty one.
    fn new(event_type: &str, reasons: &str) -> Self;

    /// Whether it is that of this event type and these reasons.
    fn is_of(&self, event_type: &str, reasons: &str) -> bool;
}

/// The group of this event type and these reasons, made where it is new.
pub(super) fn group<'g, G: Group>(groups: &'g mut Vec<G>, event_type: &str, reasons: &str) -> &'g mut G {
    let at = groups.iter().position(|group| group.is_of(event_type, reasons));
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
