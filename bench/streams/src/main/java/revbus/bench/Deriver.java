package revbus.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.UUID;
import org.apache.kafka.streams.processor.api.ContextualFixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;

/** Derives the command of a fact: read in one pass, its data copied as it stands. One task's, so one thread's. */
final class Deriver extends ContextualFixedKeyProcessor<byte[], byte[], byte[]> {
    /** The name space of derived ids, as in src/ids.rs. */
    private static final UUID DERIVED = UUID.fromString("6f1d3c1e-52b7-5d0a-9a51-726576627573");
    private static final String COMMAND = "billing.invoice";
    private static final JsonFactory JSON = new JsonFactory();

    private final Runnable seen;
    private final MessageDigest sha1;
    private final JsonStringEncoder quoting = JsonStringEncoder.getInstance();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream(2048);

    private String id;
    private String type;
    private String tenant;
    private String source;
    private String correlation;
    private String root;
    private int hops;
    private int dataStart;
    private int dataEnd;

    Deriver(Runnable seen) {
        this.seen = seen;
        try {
            sha1 = MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Override
    public void process(FixedKeyRecord<byte[], byte[]> record) {
        try {
            read(record.value());
            context().forward(record.withValue(write(record.value())));
        } catch (IOException problem) {
            throw new UncheckedIOException(problem);
        }
        seen.run();
    }

    private void read(byte[] fact) throws IOException {
        root = null;
        hops = 0;
        try (JsonParser in = JSON.createParser(fact)) {
            in.nextToken();
            while (in.nextToken() != JsonToken.END_OBJECT) {
                String name = in.currentName();
                in.nextToken();
                switch (name) {
                    case "event_id" -> id = in.getText();
                    case "event_type" -> type = in.getText();
                    case "tenant_id" -> tenant = in.getText();
                    case "source_module" -> source = in.getText();
                    case "correlation_id" -> correlation = in.getText();
                    case "payload" -> readPayload(in);
                    default -> in.skipChildren();
                }
            }
        }
    }

    private void readPayload(JsonParser in) throws IOException {
        while (in.nextToken() != JsonToken.END_OBJECT) {
            String name = in.currentName();
            in.nextToken();
            switch (name) {
                case "data" -> {
                    dataStart = (int) in.currentTokenLocation().getByteOffset();
                    in.skipChildren();
                    dataEnd = (int) in.currentLocation().getByteOffset();
                }
                case "metadata" -> readMetadata(in);
                default -> in.skipChildren();
            }
        }
    }

    private void readMetadata(JsonParser in) throws IOException {
        while (in.nextToken() != JsonToken.END_OBJECT) {
            String name = in.currentName();
            in.nextToken();
            switch (name) {
                case "root_id" -> root = in.getText();
                case "hops" -> hops = in.getIntValue();
                default -> in.skipChildren();
            }
        }
    }

    private byte[] write(byte[] fact) {
        out.reset();
        raw("{\"event_id\":\"evt_");
        raw(derivedId().toString());
        raw("\",\"event_type\":");
        quoted(COMMAND);
        raw(",\"source_module\":");
        quoted(source);
        raw(",\"target_module\":\"billing\",\"tenant_id\":");
        quoted(tenant);
        raw(",\"timestamp\":\"");
        raw(Instant.now().toString());
        raw("\",\"payload\":{\"action\":\"invoice\",\"data\":");
        out.write(fact, dataStart, dataEnd - dataStart);
        raw(",\"metadata\":{\"causation_id\":");
        quoted(id);
        raw(",\"root_id\":");
        quoted(root == null ? id : root);
        raw(",\"hops\":");
        raw(Integer.toString(hops + 1));
        raw(",\"trigger\":");
        quoted(COMMAND);
        raw("}},\"correlation_id\":");
        quoted(correlation);
        raw("}");
        return out.toByteArray();
    }

    /** The UUIDv5 of tenant, type, id and trigger, each behind its length, as {@code ids::derived_event_id} makes it. */
    private UUID derivedId() {
        sha1.update(long8(DERIVED.getMostSignificantBits()));
        sha1.update(long8(DERIVED.getLeastSignificantBits()));
        for (String part : new String[] {tenant, type, id, COMMAND}) {
            byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
            sha1.update(long8(bytes.length));
            sha1.update(bytes);
        }
        ByteBuffer digest = ByteBuffer.wrap(sha1.digest());
        long most = digest.getLong() & ~0xF000L | 0x5000L;
        long least = digest.getLong() & ~(3L << 62) | 2L << 62;
        return new UUID(most, least);
    }

    private static byte[] long8(long value) {
        return ByteBuffer.allocate(8).putLong(value).array();
    }

    private void raw(String ascii) {
        out.writeBytes(ascii.getBytes(StandardCharsets.ISO_8859_1));
    }

    private void quoted(String text) {
        out.write('"');
        out.writeBytes(quoting.quoteAsUTF8(text));
        out.write('"');
    }
}
