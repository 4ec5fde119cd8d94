//! The HTTP server of a router: `/metrics`, `/healthz`, `/readyz`, and two wishes, `/-/resume` and `/-/reload`. It runs on
//! a thread of its own and only reads what the workers share, so it answers also while they hang.

mod routes;
#[cfg(test)]
mod tests;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::router::Watched;

/// How long open connections are waited for when the server stops.
const STOPPING: Duration = Duration::from_millis(500);

/// A running server. It stops when it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is taken, not ours, or not permitted.
    #[error("failed to listen on {address} for metrics and health: {why}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        why: io::Error,
    },
    /// No thread, or no runtime on it.
    #[error("failed to start the HTTP server: {0}")]
    Start(io::Error),
}

/// Serves metrics and health until the server is dropped. Port 0 takes any free port.
///
/// # Errors
/// An address that cannot be listened on, and a thread that cannot be started.
pub fn serve(listen: SocketAddr, watched: Watched) -> Result<Server, ServeError> {
    let refused = |why| ServeError::Listen { address: listen, why };
    let listener = TcpListener::bind(listen).map_err(refused)?;
    listener.set_nonblocking(true).map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ServeError::Start)?;
    let (stop, stopped) = oneshot::channel();
    let thread = std::thread::Builder::new()
        .name("http".to_owned())
        .spawn(move || {
            if let Err(error) = runtime.block_on(run(listener, routes::router(watched), stopped)) {
                tracing::error!(%error, "the HTTP server ended");
            }
        })
        .map_err(ServeError::Start)?;
    Ok(Server { address, stop: Some(stop), thread: Some(thread) })
}

async fn run(listener: TcpListener, router: axum::Router, stopped: oneshot::Receiver<()>) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let (finish, finishing) = oneshot::channel::<()>();
    let server = axum::serve(listener, router).with_graceful_shutdown(async move {
        // Either way it is time: a sender that is gone is a server that was dropped.
        let _ = finishing.await;
    });
    let server = server.into_future();
    tokio::pin!(server);
    tokio::select! {
        ended = &mut server => return ended,
        _ = stopped => {}
    }
    let _ = finish.send(());
    // A connection that is not read from cannot hold up the process.
    tokio::time::timeout(STOPPING, server).await.unwrap_or(Ok(()))
}

impl Server {
    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
