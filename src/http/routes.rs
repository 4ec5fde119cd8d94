//! What each path answers.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::telemetry::{Health, Metrics};

const INDEX: &str = "revbus router

/metrics   metrics, in the text format of Prometheus
/healthz   200 while the process runs
/readyz    200 when every assigned partition is routed, else 503 and why
";

#[derive(Debug, Clone)]
struct Shared {
    metrics: Arc<Metrics>,
    health: Arc<Health>,
}

pub(super) fn router(metrics: Arc<Metrics>, health: Arc<Health>) -> Router {
    Router::new()
        .route("/", get(async || INDEX))
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics_text))
        .with_state(Shared { metrics, health })
}

async fn ready(State(shared): State<Shared>) -> Response {
    match shared.health.readiness(Instant::now()) {
        Ok(()) => "ready\n".into_response(),
        Err(reasons) => (StatusCode::SERVICE_UNAVAILABLE, reasons.join("\n") + "\n").into_response(),
    }
}

async fn metrics_text(State(shared): State<Shared>) -> Response {
    const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";
    match shared.metrics.render(&shared.health, Instant::now()) {
        Ok(text) => ([(header::CONTENT_TYPE, FORMAT)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}
