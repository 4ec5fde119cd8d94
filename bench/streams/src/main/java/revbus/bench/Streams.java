package revbus.bench;

import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;

/**
 * The router's benchmark job as a Kafka Streams application, exactly once: a derived event for each fact.
 *
 * <p>Before the part that is measured, the same JVM routes the facts {@code passes} times into a topic that nobody
 * reads, each time under a group of its own, so that what is measured is compiled code. Runs until SIGTERM.
 *
 * <p>Arguments, each {@code name=value}: brokers, group, from, to, threads, state (a folder), facts (how many there
 * are), warm (the topic that nobody reads), passes.
 */
public final class Streams {
    private final Map<String, String> arguments = new HashMap<>();

    private Streams(String[] arguments) {
        for (String argument : arguments) {
            String[] pair = argument.split("=", 2);
            this.arguments.put(pair[0], pair[1]);
        }
    }

    public static void main(String[] arguments) throws InterruptedException {
        Streams job = new Streams(arguments);
        for (int pass = 1; pass <= job.number("passes"); pass++) {
            CountDownLatch done = new CountDownLatch(1);
            try (KafkaStreams warming = job.start(job.text("group") + "-warm-" + pass, job.text("warm"), done)) {
                done.await();
            }
        }
        KafkaStreams measured = job.start(job.text("group"), job.text("to"), new CountDownLatch(1));
        Runtime.getRuntime().addShutdownHook(new Thread(measured::close));
        new CountDownLatch(1).await();
    }

    /** Starts to route all facts under this group; {@code done} is counted down once each of them was seen. */
    private KafkaStreams start(String group, String to, CountDownLatch done) {
        long facts = number("facts");
        AtomicLong seen = new AtomicLong();
        StreamsBuilder builder = new StreamsBuilder();
        builder.<byte[], byte[]>stream(text("from"))
                .processValues(() -> new Deriver(() -> {
                    if (seen.incrementAndGet() == facts) {
                        done.countDown();
                    }
                }))
                .to(to);
        KafkaStreams streams = new KafkaStreams(builder.build(), settings(group));
        streams.setUncaughtExceptionHandler(problem -> {
            problem.printStackTrace();
            Runtime.getRuntime().halt(1);
            throw new AssertionError("the process is gone");
        });
        streams.start();
        return streams;
    }

    private Properties settings(String group) {
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, group);
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, text("brokers"));
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, text("threads"));
        settings.put(StreamsConfig.STATE_DIR_CONFIG, text("state"));
        settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        settings.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        // What made it faster than its defaults, by a quarter and more; everything else is a default.
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), "5000");
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), "262144");
        return settings;
    }

    private String text(String name) {
        String value = arguments.get(name);
        if (value == null) {
            throw new IllegalArgumentException("missing: " + name + "=…");
        }
        return value;
    }

    private long number(String name) {
        return Long.parseLong(text(name));
    }
}
