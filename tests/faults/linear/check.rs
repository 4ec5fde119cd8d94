//! The search of J. Wing and C. Gong, with what G. Lowe added: a set of calls that were ordered already and led to the
//! same state is not tried twice. (A. Athalye's porcupine does the same.)

use std::collections::HashSet;
use std::fmt::Debug;
use std::hash::Hash;

/// What is called.
pub trait Model {
    type State: Clone + Eq + Hash + Debug;
    type Call;

    /// The state after a call that gave its answer in this state; `None` where it cannot have given it. A call without
    /// an answer is asked only about taking effect: that it may never do so is known.
    fn step(state: &Self::State, call: &Self::Call) -> Option<Self::State>;

    /// Whether a call without an answer can explain one of these, of which the next in the order is one, by taking
    /// effect now. Nothing is wrong if it cannot; but thousands of useless orders are not tried.
    fn explains(state: &Self::State, call: &Self::Call, next: &[&Self::Call]) -> bool;
}

/// The most states that are looked at: then nothing is said, and the history has too many calls without an answer.
const MOST_STATES: usize = 2_000_000;

/// A call and its times, on any clock that does not go back.
#[derive(Debug, Clone)]
pub struct Timed<C> {
    pub asked: u64,
    /// `None`: nobody knows whether it was done. It may take effect at any time from then on, or never.
    pub answered: Option<u64>,
    pub call: C,
}

/// There is no order.
#[derive(Debug, PartialEq, Eq)]
pub struct Stuck<S> {
    /// The most calls that can be put into one.
    pub most: usize,
    /// The state behind them.
    pub state: S,
    /// The call that was answered next, and cannot have been answered so.
    pub at: usize,
}

/// Looks for an order of calls on one thing.
pub fn check<M: Model>(initial: M::State, calls: &[Timed<M::Call>]) -> Result<(), Stuck<M::State>> {
    let mut search = Search::<M> {
        calls,
        line: Line::of(calls),
        lost: lost(calls),
        taken: vec![false; calls.len()],
        state: initial.clone(),
        ordered: 0,
        path: Vec::new(),
        known: HashSet::new(),
        open: calls.iter().filter(|call| call.answered.is_some()).count(),
        stuck: Stuck { most: 0, state: initial, at: 0 },
    };
    search.run()
}

struct Search<'c, M: Model> {
    calls: &'c [Timed<M::Call>],
    /// The moments of the calls with an answer that are not ordered yet.
    line: Line,
    /// The calls without one, in the order in which they were asked.
    lost: Vec<usize>,
    /// Whether a call without an answer is ordered.
    taken: Vec<bool>,
    state: M::State,
    /// Stands for the set of calls that are ordered: the numbers of all of them, combined.
    ordered: u128,
    /// The calls in their order, each with the state before it.
    path: Vec<(usize, M::State)>,
    known: HashSet<(u128, M::State)>,
    /// How many calls with an answer are not ordered yet.
    open: usize,
    stuck: Stuck<M::State>,
}

/// Which call is tried next.
enum Next {
    /// The one at this moment of the line.
    InLine(usize),
    /// The one at this place among those without an answer: they are tried when no other fits.
    Lost(usize),
}

/// The calls without an answer, in the order in which they were asked.
fn lost<C>(calls: &[Timed<C>]) -> Vec<usize> {
    let mut lost: Vec<_> = (0..calls.len()).filter(|call| calls[*call].answered.is_none()).collect();
    lost.sort_by_key(|call| calls[*call].asked);
    lost
}

impl<M: Model> Search<'_, M> {
    fn run(&mut self) -> Result<(), Stuck<M::State>> {
        let mut next = Next::InLine(self.line.first());
        while self.open > 0 {
            assert!(self.known.len() < MOST_STATES, "no verdict after {MOST_STATES} states: {:?}", self.stuck);
            next = match next {
                Next::InLine(at) => match self.line.what(at) {
                    Moment::Asked(call) if self.goes_next(call) => Next::InLine(self.line.first()),
                    Moment::Asked(_) => Next::InLine(self.line.after(at)),
                    // Whatever of the line is ordered next, this one was answered before it.
                    Moment::Answered(_) => Next::Lost(0),
                },
                Next::Lost(from) => match self.takes_effect(from) {
                    Some(_) => Next::InLine(self.line.first()),
                    None => self.take_back()?,
                },
            };
        }
        Ok(())
    }

    /// Puts a call without an answer behind the ordered ones, where that may explain something.
    fn takes_effect(&mut self, from: usize) -> Option<()> {
        let (asked, answered) = self.line.waiting();
        let waiting: Vec<_> = asked.into_iter().map(|call| &self.calls[call].call).collect();
        let until = self.calls[answered].answered;
        for at in from..self.lost.len() {
            let call = self.lost[at];
            let timed = &self.calls[call];
            let possible = !self.taken[call] && Some(timed.asked) <= until;
            if possible && M::explains(&self.state, &timed.call, &waiting) && self.goes_next(call) {
                return Some(());
            }
        }
        None
    }

    /// Puts a call behind the ordered ones, where its answer fits and this was not tried before.
    fn goes_next(&mut self, call: usize) -> bool {
        let Some(next) = M::step(&self.state, &self.calls[call].call) else { return false };
        let ordered = self.ordered ^ number(call);
        if !self.known.insert((ordered, next.clone())) {
            return false;
        }
        self.path.push((call, std::mem::replace(&mut self.state, next)));
        self.ordered = ordered;
        match self.calls[call].answered {
            Some(_) => {
                self.line.lift(call);
                self.open -= 1;
            }
            None => self.taken[call] = true,
        }
        true
    }

    /// Takes the last ordered call out again; gives what is tried in its place.
    fn take_back(&mut self) -> Result<Next, Stuck<M::State>> {
        let (_, answered) = self.line.waiting();
        self.remember(answered);
        let Some((call, before)) = self.path.pop() else { return Err(self.best()) };
        self.state = before;
        self.ordered ^= number(call);
        if self.calls[call].answered.is_some() {
            self.line.put_back(call);
            self.open += 1;
            return Ok(Next::InLine(self.line.after(Line::asked(call))));
        }
        self.taken[call] = false;
        let at = self.lost.iter().position(|lost| *lost == call);
        Ok(Next::Lost(at.map_or(0, |at| at + 1)))
    }

    fn remember(&mut self, at: usize) {
        if self.path.len() >= self.stuck.most {
            self.stuck = Stuck { most: self.path.len(), state: self.state.clone(), at };
        }
    }

    fn best(&self) -> Stuck<M::State> {
        Stuck { state: self.stuck.state.clone(), ..self.stuck }
    }
}

/// A number of 128 bits for each call, so that sets of them can be told apart by one number (SplitMix64, twice).
fn number(call: usize) -> u128 {
    let mix = |seed: u64| {
        let z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let high = mix(call as u64);
    u128::from(high) << 64 | u128::from(mix(high))
}

enum Moment {
    Asked(usize),
    Answered(usize),
}

/// The moments of all calls with an answer, in their order, from which calls can be lifted and put back: those of a call
/// have the numbers `2 * call` and `2 * call + 1`, and the last number is the beginning.
struct Line {
    next: Vec<usize>,
    before: Vec<usize>,
}

impl Line {
    fn of<C>(calls: &[Timed<C>]) -> Self {
        let mut moments = Vec::with_capacity(2 * calls.len());
        for (call, timed) in calls.iter().enumerate() {
            let Some(answered) = timed.answered else { continue };
            // What is asked in the moment of another's answer overlaps it.
            moments.push((timed.asked, 0, Self::asked(call)));
            moments.push((answered, 1, Self::asked(call) + 1));
        }
        moments.sort_unstable();
        let begin = 2 * calls.len();
        let (mut next, mut before) = (vec![begin; begin + 1], vec![begin; begin + 1]);
        let mut last = begin;
        for (.., moment) in moments {
            (next[last], before[moment]) = (moment, last);
            last = moment;
        }
        (next[last], before[begin]) = (begin, last);
        Self { next, before }
    }

    const fn asked(call: usize) -> usize {
        2 * call
    }

    fn what(&self, moment: usize) -> Moment {
        assert!(moment + 1 < self.next.len(), "a call with an answer is left, so an answer is");
        if moment.is_multiple_of(2) { Moment::Asked(moment / 2) } else { Moment::Answered(moment / 2) }
    }

    fn first(&self) -> usize {
        self.next[self.next.len() - 1]
    }

    fn after(&self, moment: usize) -> usize {
        self.next[moment]
    }

    /// The calls that were asked before the next answer, and the call that it answers.
    fn waiting(&self) -> (Vec<usize>, usize) {
        let (mut asked, mut at) = (Vec::new(), self.first());
        loop {
            match self.what(at) {
                Moment::Asked(call) => asked.push(call),
                Moment::Answered(call) => return (asked, call),
            }
            at = self.after(at);
        }
    }

    fn lift(&mut self, call: usize) {
        self.unlink(Self::asked(call));
        self.unlink(Self::asked(call) + 1);
    }

    /// In the reverse order of `lift`.
    fn put_back(&mut self, call: usize) {
        self.link(Self::asked(call) + 1);
        self.link(Self::asked(call));
    }

    fn unlink(&mut self, moment: usize) {
        let (before, next) = (self.before[moment], self.next[moment]);
        (self.next[before], self.before[next]) = (next, before);
    }

    fn link(&mut self, moment: usize) {
        let (before, next) = (self.before[moment], self.next[moment]);
        (self.next[before], self.before[next]) = (moment, moment);
    }
}
