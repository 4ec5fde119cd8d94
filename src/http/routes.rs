//! What each path answers.

use std::time::Instant;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::router::{Reloaded, Watched};

const INDEX: &str = "revbus router

/metrics   metrics, in the text format of Prometheus
/healthz   200 while the process runs
/readyz    200 when every assigned partition is routed, else 503 and why
/-/resume  POST: goes on with event types that were stopped for a storm of dead letters, as a reload does
/-/reload  POST: loads the catalogue again; 200 once it decides, 422 and why when the old one stays
";

pub(super) fn router(watched: Watched) -> Router {
    Router::new()
        .route("/", get(async || INDEX))
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics_text))
        .route("/-/resume", post(resume))
        .route("/-/reload", post(reload))
        .with_state(watched)
}

async fn ready(State(watched): State<Watched>) -> Response {
    match watched.health.readiness(Instant::now()) {
        Ok(()) => "ready\n".into_response(),
        Err(reasons) => (StatusCode::SERVICE_UNAVAILABLE, reasons.join("\n") + "\n").into_response(),
    }
}

async fn resume(State(watched): State<Watched>) -> String {
    let event_types = watched.storm.resume();
    tracing::info!(event_types, "told to go on after a storm of dead letters");
    let (number, verb) = if event_types == 1 { ("event type", "goes") } else { ("event types", "go") };
    format!("{event_types} {number} {verb} on\n")
}

async fn reload(State(watched): State<Watched>) -> Response {
    let Some(asked) = watched.reloads.ask() else {
        return unavailable("nothing is routed here yet, or too many ask for a reload at once");
    };
    match asked.await {
        Ok(Ok(Reloaded::Taken(digest, 0))) => format!("the catalogue {digest} decides\n").into_response(),
        Ok(Ok(Reloaded::Taken(digest, late))) => {
            format!("the catalogue {digest} decides once {late} workers have ended their transactions\n")
                .into_response()
        }
        Ok(Ok(Reloaded::Unchanged(digest))) => format!("unchanged: the catalogue {digest} decides\n").into_response(),
        Ok(Err(why)) => {
            (StatusCode::UNPROCESSABLE_ENTITY, format!("refused, the old catalogue stays:\n{why}\n")).into_response()
        }
        Err(_) => unavailable("the process ends"),
    }
}

fn unavailable(why: &str) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")], format!("{why}\n")).into_response()
}

async fn metrics_text(State(watched): State<Watched>) -> Response {
    const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";
    match watched.metrics.render(&watched.health, Instant::now()) {
        Ok(text) => ([(header::CONTENT_TYPE, FORMAT)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}
