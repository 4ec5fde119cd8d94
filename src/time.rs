//! Points in time, as the wire has them, and the one place that reads the clock.

use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// Whether a text said in which zone its time is (decision 52).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// It did.
    Given,
    /// It did not, and UTC is taken.
    Assumed,
}

/// The first and the last millisecond of the years 1 to 9999.
const SAYABLE: RangeInclusive<i64> = -62_135_596_800_000..=253_402_300_799_999;

impl Timestamp {
    /// From milliseconds since the epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// The system's clock.
    #[must_use]
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    pub fn now() -> Self {
        Self(Utc::now().timestamp_millis())
    }

    /// The time so long before this one.
    #[must_use]
    pub fn before(self, ago: std::time::Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(ago.as_millis()).unwrap_or(i64::MAX)))
    }

    /// The time so long after this one.
    #[must_use]
    pub fn after(self, time: std::time::Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(time.as_millis()).unwrap_or(i64::MAX)))
    }

    /// Reads RFC 3339; without a zone, UTC is taken. Only of the years 1 to 9999 in UTC, which every form on the wire, and
    /// every expression, can say.
    #[must_use]
    pub fn parse(text: &str) -> Option<(Self, Zone)> {
        Self::parse_any(text).filter(|(time, _)| SAYABLE.contains(&time.0))
    }

    fn parse_any(text: &str) -> Option<(Self, Zone)> {
        if let Some(time) = parse_plain(text.as_bytes()) {
            return Some((time, Zone::Given));
        }
        // chrono also takes the typographer's minus for the sign of a zone.
        if !text.is_ascii() {
            return None;
        }
        // And it takes a blank or a small `t` in the middle, as RFC 3339 allows.
        if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            return Some((Self(time.timestamp_millis()), Zone::Given));
        }
        let (day, time) = text.split_at_checked(10)?;
        let time = time.strip_prefix(['T', 't', ' '])?;
        let time = NaiveDateTime::parse_from_str(&format!("{day}T{time}"), "%Y-%m-%dT%H:%M:%S%.f").ok()?;
        // chrono also reads signs, blanks, short and long numbers, and a point with nothing behind it.
        is_rfc3339(text).then(|| (Self(time.and_utc().timestamp_millis()), Zone::Assumed))
    }

    /// Appends `YYYY-MM-DDTHH:MM:SS.mmmZ`.
    pub fn push_rfc3339(self, out: &mut Vec<u8>) {
        let days = self.0.div_euclid(86_400_000);
        let millis = self.0.rem_euclid(86_400_000);
        let (year, month, day) = civil(days);
        if !(0..=9999).contains(&year) {
            // Beyond what RFC 3339 can say: only a clock gone wild gets here.
            return out.extend_from_slice(b"9999-12-31T23:59:59.999Z");
        }
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let seconds = millis / 1000;
        for (value, start) in [
            (year / 100, 0),
            (year % 100, 2),
            (month, 5),
            (day, 8),
            (seconds / 3600, 11),
            (seconds / 60 % 60, 14),
            (seconds % 60, 17),
            (millis % 1000 / 10, 20),
        ] {
            text[start..start + 2].copy_from_slice(&PAIRS[value as usize]);
        }
        text[22] = b'0' + (millis % 10) as u8;
        out.extend_from_slice(&text);
    }

    /// `YYYY-MM-DDTHH:MM:SS.mmmZ`.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        let mut out = Vec::with_capacity(24);
        self.push_rfc3339(&mut out);
        String::from_utf8(out).unwrap_or_default()
    }
}

/// The numbers from 0 to 99, in two digits.
const PAIRS: [[u8; 2]; 100] = {
    let (mut pairs, mut number) = ([[0; 2]; 100], 0);
    while number < pairs.len() {
        pairs[number] = [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        number += 1;
    }
    pairs
};

/// Whether a text that is a time without a zone has its digits where RFC 3339 has them.
fn is_rfc3339(text: &str) -> bool {
    let digits = |range: std::ops::Range<usize>| {
        text.as_bytes().get(range).is_some_and(|bytes| bytes.iter().all(u8::is_ascii_digit))
    };
    [0..4, 5..7, 8..10, 11..13, 14..16, 17..19].into_iter().all(digits)
        && (text.len() == 19 || (text.len() > 20 && digits(20..text.len())))
}

/// Whether a text is a day of the calendar, as `YYYY-MM-DD`.
#[must_use]
pub fn is_date(text: &str) -> bool {
    date(text.as_bytes()).is_some()
}

/// The form that most events have, `YYYY-MM-DDTHH:MM:SSZ` with milliseconds or without, many times as fast as any form.
fn parse_plain(text: &[u8]) -> Option<Timestamp> {
    let (time, millis) = match text {
        [time @ .., b'.', a, b, c, b'Z'] => (time, number(&[*a, *b, *c])?),
        [time @ .., b'Z'] => (time, 0),
        _ => return None,
    };
    let (day, [b'T', h1, h2, b':', m1, m2, b':', s1, s2]) = time.split_at_checked(10)? else { return None };
    let (hour, minute, second) = (number(&[*h1, *h2])?, number(&[*m1, *m2])?, number(&[*s1, *s2])?);
    let time = date(day)?.and_hms_milli_opt(hour, minute, second, millis)?;
    Some(Timestamp(time.and_utc().timestamp_millis()))
}

fn date(text: &[u8]) -> Option<NaiveDate> {
    let [year @ .., b'-', m1, m2, b'-', d1, d2] = text else { return None };
    if year.len() != 4 {
        return None;
    }
    NaiveDate::from_ymd_opt(number(year)?.cast_signed(), number(&[*m1, *m2])?, number(&[*d1, *d2])?)
}

/// The value of a few decimal digits.
fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |value, digit| digit.is_ascii_digit().then(|| value * 10 + u32::from(digit - b'0')))
}

/// Year, month and day of a day number since the epoch (proleptic Gregorian calendar; the algorithm of
/// H. Hinnant's "chrono-compatible low-level date algorithms").
const fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + (month <= 2) as i64, month, day)
}

/// Reads `500ms`, `30s`, `10m`, `24h`, `7d`.
#[must_use]
pub fn parse_duration(text: &str) -> Option<std::time::Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let millis = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(millis).map(std::time::Duration::from_millis)
}

/// Writes a duration in whole milliseconds as [`parse_duration`] reads it, in the largest unit of which it is a multiple.
#[must_use]
pub fn duration_text(duration: std::time::Duration) -> String {
    let millis = duration.as_millis();
    let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)];
    match units.into_iter().find(|(_, unit)| millis.is_multiple_of(*unit)) {
        Some(_) if millis == 0 => "0s".to_owned(),
        Some((name, unit)) => format!("{}{name}", millis / unit),
        None => format!("{millis}ms"),
    }
}

#[cfg(test)]
mod tests;
