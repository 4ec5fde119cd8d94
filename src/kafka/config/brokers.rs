//! The addresses of brokers: librdkafka takes a wrong port for another one, and forgets what stands behind an address
//! with a wrong protocol.

use std::net::Ipv6Addr;

/// Why a list is not `HOST:PORT` or `PROTOCOL://HOST:PORT`, with commas between; `protocol` is the one that is spoken.
/// An address without a port means 9092.
pub(super) fn check(list: &str, protocol: &str) -> Result<(), String> {
    if list.trim().is_empty() {
        return Err("names no broker; write `--brokers HOST:PORT`".to_owned());
    }
    if list.contains('@') {
        // It may be a password, which is never shown.
        return Err("has a user in it; set sasl.username and sasl.password in the file of --kafka-config".to_owned());
    }
    list.split(',').map(str::trim).filter(|one| !one.is_empty()).try_for_each(|one| {
        check_one(one, protocol).map_err(|why| format!("has `{one}`, {why}; write HOST:PORT, such as kafka-1:9092"))
    })
}

fn check_one(one: &str, protocol: &str) -> Result<(), String> {
    let address = match one.split_once("://") {
        Some((named, rest)) if named.eq_ignore_ascii_case(protocol) => rest.split('/').next().unwrap_or_default(),
        Some((named, _)) => return Err(format!("whose protocol `{named}` is not security.protocol={protocol}")),
        None => one,
    };
    if address.contains(char::is_whitespace) {
        return Err("which has a blank in it".to_owned());
    }
    // As librdkafka does: several colons are an IPv6 address, whose port stands behind its brackets.
    let port = match address.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => port,
        Some(_) if !is_ipv6(address) => return Err("which has several colons and is no IPv6 address".to_owned()),
        Some(_) | None => return Ok(()),
    };
    let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    match port.parse::<u16>() {
        Ok(1..) if digits => Ok(()),
        _ => Err("whose port is no number from 1 to 65535".to_owned()),
    }
}

/// With or without brackets, and an interface behind `%`.
fn is_ipv6(address: &str) -> bool {
    let bare = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address);
    bare.split('%').next().is_some_and(|digits| digits.parse::<Ipv6Addr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn addresses_are_a_host_and_mostly_a_port() {
        for list in [
            "a",
            "a:1",
            "a:65535,b:9092",
            "a:1, b:2",
            "a:1,,b:2,",
            "[::1]:9092",
            "::1",
            "[fe80::1%eth0]",
            "SSL://a:1",
            "ssl://a",
            ":9092",
        ] {
            assert_eq!(check(list, "ssl"), Ok(()), "{list}");
        }
        for (list, part) in [
            ("", "names no broker"),
            (" ", "names no broker"),
            ("a:0", "port"),
            ("a:65536", "port"),
            ("b:1,a:99999", "`a:99999`"),
            ("a:x", "port"),
            ("a:", "port"),
            ("a:+1", "port"),
            ("[::1]:x", "port"),
            ("a b:1", "blank"),
            ("a:1;b:2", "several colons"),
            ("http://a:1", "`http` is not security.protocol=ssl"),
            ("plaintext://a:1", "`plaintext`"),
            ("ann:hunter2@a:1", "sasl.password"),
        ] {
            let error = check(list, "ssl").unwrap_err();
            assert!(error.contains(part) && !error.contains("hunter2"), "{list}: {error}");
        }
    }
}
