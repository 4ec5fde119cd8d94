//! What is wrong, counted by kind, with a few examples of each.

use serde::Serialize;

/// A kind of damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Damage {
    /// A consumed record left no trace.
    Lost,
    /// Something is there more often than it should be.
    Duplicated,
    /// Something is there, and what belongs to it is not.
    Torn,
    /// Events of one key are not in the order of their sources.
    OutOfOrder,
    /// A transaction does not end, and hides what stands behind it.
    Hanging,
}

impl Damage {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Lost, Self::Duplicated, Self::Torn, Self::OutOfOrder, Self::Hanging];

    /// Its name, for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Duplicated => "duplicated",
            Self::Torn => "torn",
            Self::OutOfOrder => "out of order",
            Self::Hanging => "hanging",
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Of which kind.
    #[serde(skip)]
    pub damage: Damage,
    /// Where: the topic.
    pub topic: String,
    /// Its partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
    /// The event's id, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What is wrong with it.
    pub sentence: String,
}

/// How often a kind of damage was found, and a few of the places.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Examples {
    /// How often.
    pub count: u64,
    /// The first of them.
    pub examples: Vec<Finding>,
}

/// All that is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    kinds: [Examples; Damage::ALL.len()],
    /// The most examples of each kind.
    most: usize,
}

impl Findings {
    /// None yet, and so many examples of each kind at most: what bounds the memory.
    #[must_use]
    pub fn keeping(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    /// One more.
    pub fn push(&mut self, finding: Finding) {
        let of = &mut self.kinds[finding.damage as usize];
        of.count += 1;
        if of.examples.len() < self.most {
            of.examples.push(finding);
        }
    }

    /// What was found of one kind.
    #[must_use]
    pub fn of(&self, damage: Damage) -> &Examples {
        &self.kinds[damage as usize]
    }

    /// The kinds that were found.
    pub fn found(&self) -> impl Iterator<Item = (Damage, &Examples)> {
        Damage::ALL.into_iter().map(|damage| (damage, self.of(damage))).filter(|(_, of)| of.count > 0)
    }

    /// Puts the examples in the order of their places.
    pub fn sort(&mut self) {
        for of in &mut self.kinds {
            of.examples.sort_by(|a, b| (&a.topic, a.partition, a.offset).cmp(&(&b.topic, b.partition, b.offset)));
        }
    }

    /// The examples that stand for a record and do not name its event.
    pub fn unnamed(&mut self) -> impl Iterator<Item = &mut Finding> {
        let examples = self.kinds.iter_mut().flat_map(|of| &mut of.examples);
        examples.filter(|one| one.id.is_none() && one.damage != Damage::Hanging)
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.found().next().is_none()
    }
}
