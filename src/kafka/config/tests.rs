use super::*;

fn errors(file: &str, set: &[&str]) -> String {
    let set: Vec<String> = set.iter().map(ToString::to_string).collect();
    let sources = Sources { file: Some(("kafka.properties", file)), set: &set, ..Sources::default() };
    KafkaSettings::from_sources(&sources).unwrap_err().to_string()
}

#[test]
fn secrets_are_refused_on_the_command_line_and_not_repeated() {
    let secrets =
        ["sasl.password=hunter2", "ssl.key.pem=hunter2", "ssl.key.password=hunter2", "sasl.jaas.config=hunter2"];
    for secret in secrets {
        let error = errors("", &[secret]);
        assert!(error.contains("does not belong on the command line"), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
    assert!(errors("", &["sasl.password=x"]).ends_with("--kafka-config, or set REVBUS_KAFKA_SASL_PASSWORD"));
    assert_eq!(errors("", &["sasl.password:hunter2"]), "--set: expected key=value");
}

#[test]
fn the_guarantee_cannot_be_set() {
    for (key, why) in [("isolation.level", "committed"), ("acks", "idempotently"), ("group.id", "--group")] {
        for error in [errors("", &[&format!("{key}=1")]), errors(&format!("{key} = 1"), &[])] {
            assert!(error.contains(&format!("`{key}` cannot be set: ")) && error.contains(why), "{error}");
        }
    }
}

#[test]
fn every_error_is_reported_with_its_place() {
    let file =
        "# comment\n\nsocket.timout.ms=1\nnonsense\nlinger.ms=soon\nssl.truststore.location=a.jks\nclient.id=a\\\n";
    assert_eq!(
        errors(file, &["client.id=a", "bootstrap.servers=a:1"]),
        "kafka.properties:4: expected key=value\n\
         kafka.properties:7: a value that goes on in the next line is not supported: join the lines\n\
         kafka.properties:3: `socket.timout.ms` is not a setting of the Kafka client: did you mean `socket.timeout.ms`?\n\
         kafka.properties:5: `linger.ms` cannot be that: Invalid value for configuration property \"queue.buffering.max.ms\"\n\
         kafka.properties:6: `ssl.truststore.location` is a setting of the Java clients: write ssl.ca.location=FILE, \
         with the CA's certificate as PEM\n\
         --set bootstrap.servers: name the brokers with --brokers"
    );
    assert!(errors("client.id=a\nclient.id=b", &[]).ends_with("2: `client.id` is already set at kafka.properties:1"));
}

#[test]
fn no_broker_is_no_cluster() {
    for brokers in ["", " "] {
        let sources = Sources { brokers: Some(brokers), ..Sources::default() };
        let error = KafkaSettings::from_sources(&sources).unwrap_err().to_string();
        assert_eq!(error, "`bootstrap.servers` names no broker; write `--brokers HOST:PORT`");
    }
    assert!(errors("bootstrap.servers=", &[]).contains("names no broker"));
}

#[test]
fn later_sources_win() {
    let environment = [
        ("REVBUS_KAFKA_SASL_PASSWORD", "hunter2"),
        ("REVBUS_KAFKA_CONFIG", "f"),
        ("REVBUS_KAFKA_HOME", "h"),
        ("REVBUS_KAFKA_CLIENT_ID", "env"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let sources = Sources {
        brokers: None,
        file: Some((
            "f",
            "bootstrap.servers = a:1 \r\nclient.id=file\nsasl.password=file\nlinger.ms=7\ncompression.codec=zstd",
        )),
        environment: &environment,
        set: &["client.id=set".to_owned(), "compression.type=gzip".to_owned()],
    };
    let settings = KafkaSettings::from_sources(&sources).unwrap();
    assert_eq!(
        format!("{settings:?}"),
        "bootstrap.servers=a:1 client.id=set compression.type=gzip linger.ms=7 sasl.password=[hidden]"
    );
    let consumer = settings.consumer(&[("client.id", "default"), ("fetch.min.bytes", "2")]);
    assert_eq!(consumer.get("client.id"), Some("set"));
    assert_eq!(settings.clone().called("a").consumer(&[]).get("client.id"), Some("set"));
    assert_eq!(KafkaSettings::of_brokers("a:1").called("a").consumer(&[]).get("client.id"), Some("a"));
    assert_eq!(consumer.get("fetch.min.bytes"), Some("2"));
    assert_eq!(consumer.get("sasl.password"), Some("hunter2"));
    assert_eq!(consumer.get("linger.ms"), None);
    assert_eq!(consumer.get("isolation.level"), Some("read_committed"));
    let producer = settings.producer(&[]);
    assert_eq!(producer.get("linger.ms"), Some("7"));
    assert_eq!(producer.get("partitioner"), Some("murmur2_random"));
    assert_eq!(settings.admin().get("linger.ms"), None);
    assert!(settings.admin().create_native_config().is_ok());
}

#[test]
fn the_environment_has_settings_and_what_others_put_there() {
    let read = |name: &str| {
        let environment = [(name.to_owned(), "1".to_owned())];
        let sources = Sources { environment: &environment, ..Sources::default() };
        KafkaSettings::from_sources(&sources).map_err(|errors| errors.to_string())
    };
    for name in ["REVBUS_KAFKA_HOME", "REVBUS_KAFKA_SERVICE_HOST", "REVBUS_KAFKA_PORT_9092_TCP", "REVBUS_KAFKA_PORT"] {
        assert_eq!(read(name).unwrap().to_string(), "bootstrap.servers=127.0.0.1:9092", "{name}");
    }
    assert_eq!(
        read("REVBUS_KAFKA_SASL_PASWORD").unwrap_err(),
        "REVBUS_KAFKA_SASL_PASWORD: `sasl.pasword` is not a setting of the Kafka client: did you mean `sasl.password`?"
    );
    assert!(read("REVBUS_KAFKA_ACKS").unwrap_err().starts_with("REVBUS_KAFKA_ACKS: `acks` cannot be set: "));
}

#[test]
fn brokers_of_the_command_line_go_before_those_of_the_file() {
    let file = Some(("f", "metadata.broker.list=a:1"));
    let settings =
        |brokers, file| KafkaSettings::from_sources(&Sources { brokers, file, ..Sources::default() }).unwrap();
    assert_eq!(settings(Some("b:2"), file).brokers(), "b:2");
    assert_eq!(settings(None, file).brokers(), "a:1");
    assert_eq!(settings(None, None).brokers(), DEFAULT_BROKERS);
}

#[test]
fn librdkafka_knows_every_name_that_we_suggest() {
    let native = ClientConfig::new().create_native_config().unwrap();
    // Some have no value to read until they are set.
    let unknown: Vec<_> = keys::settable()
        .filter(|key| native.get(key).is_err())
        .filter(|key| {
            let error = ClientConfig::new().set(*key, "1").create_native_config().err();
            matches!(error, Some(KafkaError::ClientConfig(RDKafkaConfRes::RD_KAFKA_CONF_UNKNOWN, ..)))
        })
        .collect();
    assert_eq!(unknown, Vec::<&str>::new());
}

#[test]
fn settings_that_trust_anyone_are_known() {
    let unverified = |file: &str| {
        let sources = Sources { file: Some(("kafka.properties", file)), ..Sources::default() };
        KafkaSettings::from_sources(&sources).unwrap().unverified()
    };
    assert_eq!(unverified("security.protocol=ssl\nenable.ssl.certificate.verification=true\n"), [""; 0]);
    assert_eq!(
        unverified("enable.ssl.certificate.verification=False\nssl.endpoint.identification.algorithm=none\n"),
        ["enable.ssl.certificate.verification=False", "ssl.endpoint.identification.algorithm=none"]
    );
}
