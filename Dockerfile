# The router's image: docker build -t revbus .
FROM rust:1.95-slim-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends g++ make pkg-config libssl-dev zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /revbus
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/revbus/target \
    cargo build --release --locked --bin revbus && cp target/release/revbus /usr/local/bin/

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libssl3 zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin revbus
COPY --from=build /usr/local/bin/revbus /usr/local/bin/revbus
COPY topics.yaml /etc/revbus/topics.yaml
ENV REVBUS_CATALOGUE=/etc/revbus/topics.yaml REVBUS_LISTEN=0.0.0.0:9464
USER 10001
EXPOSE 9464
# Ready: every partition restored, and the broker heard from within ten seconds. bash, since there is no curl here.
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=6 CMD ["bash", "-c", \
    "exec 3<>/dev/tcp/127.0.0.1/9464 && printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ code _ <&3 && [ \"$code\" = 200 ]"]
ENTRYPOINT ["revbus"]
CMD ["router", "--help"]
