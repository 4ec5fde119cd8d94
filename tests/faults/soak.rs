//! The judge of `scripts/soak`, on made-up curves: what comes back is no growth, and what grows is found under the noise.

use std::fmt::Write as _;
use std::process::Command;

use tempfile::TempDir;

use crate::seed::Random;

/// What a process does whose memory, threads and descriptors are those of a made-up curve.
#[derive(Default)]
struct Curve {
    /// MB an hour.
    growth: f64,
    /// The round in which a step of 30 MB stays until the end.
    step_in: Option<usize>,
    /// Descriptors that the last quarter has more.
    leaked: usize,
}

const ROUNDS: usize = 10;
const ROUND_SECONDS: usize = 300;

impl Curve {
    /// A sample every other second of an hour. Each round has six faults, each of which needs up to 40 MB for up to 50
    /// seconds; what is at rest scatters by half a megabyte.
    fn samples(&self) -> String {
        let mut random = Random::of(7);
        let mut out = String::from("0,1,0,50000,20,30,0\n300,2,0,40000,20,30,0\n");
        for round in 1..=ROUNDS {
            let steps: Vec<_> = (0..6)
                .map(|fault| (fault * 40 + random.between(0, 15), random.between(5, 40), random.between(10, 50)))
                .collect();
            for second in (0..ROUND_SECONDS).step_by(2) {
                let at = 300 + round * ROUND_SECONDS + second;
                let high = |(from, mb, length): &(usize, usize, usize)| {
                    if (*from..from + length).contains(&second) { *mb as f64 } else { 0.0 }
                };
                let steps: f64 = steps.iter().map(high).sum();
                let stays = if self.step_in.is_some_and(|from| round >= from) { 30.0 } else { 0.0 };
                let rest = 60.0 + random.between(0, 500) as f64 / 1000.0;
                let mb = rest + steps + stays + self.growth * (at - 600) as f64 / 3600.0;
                let files = 30 + if round > ROUNDS * 3 / 4 { self.leaked } else { 0 };
                writeln!(out, "{at},2,{},{:.0},20,{files},{round}", at - 300, mb * 1e6 / 1024.0).unwrap();
            }
        }
        out
    }

    /// The rows of the verdict, and whether it is good.
    fn judged(&self) -> (bool, String) {
        let dir = TempDir::new().unwrap();
        let file = dir.path().join("samples.csv");
        std::fs::write(&file, self.samples()).unwrap();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/soak");
        let output = Command::new(script).arg("--judge").arg(file).output().unwrap();
        let rows = String::from_utf8(output.stdout).unwrap();
        assert!(matches!(output.status.code(), Some(0 | 1)), "{rows}{}", String::from_utf8_lossy(&output.stderr));
        (output.status.success(), rows)
    }

    /// The slope that is judged, and its bounds.
    fn slope(&self) -> [f64; 3] {
        let (_, rows) = self.judged();
        let row = rows.lines().find(|row| row.starts_with("| resident memory")).unwrap();
        let numbers = row.split([' ', '(', ')']).filter_map(|word| word.parse().ok());
        numbers.take(3).collect::<Vec<f64>>().try_into().unwrap_or_else(|_| panic!("{row}"))
    }
}

#[test]
fn steps_that_come_back_are_no_growth() {
    let flat = Curve::default();
    let (good, rows) = flat.judged();
    assert!(good, "{rows}");
    let [slope, from, to] = flat.slope();
    assert!(slope.abs() < 0.5 && from <= slope && slope <= to, "{rows}");
}

#[test]
fn growth_is_found_under_steps_that_come_back() {
    let growing = Curve { growth: 5.0, ..Curve::default() };
    let (good, rows) = growing.judged();
    assert!(!good, "{rows}");
    let [slope, from, to] = growing.slope();
    assert!((4.5..5.5).contains(&slope) && from > 1.0 && to < 10.0, "{rows}");
}

#[test]
fn a_step_that_stays_is_growth() {
    let (good, rows) = Curve { step_in: Some(6), ..Curve::default() }.judged();
    assert!(!good, "{rows}");
}

#[test]
fn descriptors_that_stay_open_are_growth() {
    assert!(Curve { leaked: 2, ..Curve::default() }.judged().0);
    let (good, rows) = Curve { leaked: 3, ..Curve::default() }.judged();
    assert!(!good && rows.contains("| +3, "), "{rows}");
}
