//! What counts as progress.

use super::*;
use crate::ports::{Method, RequestBody};
use crate::support::clock::SimClock;
use crate::support::transport::SimNet;
use seedwarden_sim::alldebrid::AllDebrid;
use seedwarden_sim::faults::{Fault, Faults, Faulty, Log};

const ADDRESS: &str = "http://service:1/";

/// A request that waits for at most a minute.
fn request() -> Request {
    Request {
        method: Method::Get,
        url: ADDRESS.parse().unwrap(),
        headers: Vec::new(),
        body: RequestBody::Empty,
        timeout: Duration::from_secs(60),
        ca_file: None,
    }
}

#[tokio::test(start_paused = true)]
async fn requests_that_end_are_progress_whatever_their_end() {
    let net = SimNet::new(SimClock::default());
    let faults = Faults::default();
    let model = Faulty::new(AllDebrid::default(), faults.clone(), Log::default());
    net.serve(ADDRESS, Arc::new(Mutex::new(model)));
    let pulses = Pulses::default();
    let transport = Beating::new(Arc::new(net), pulses.begin());
    // Twenty looks in a row that hang for a minute each, then as long with short answers.
    faults.next(20, "", Fault::Silence);
    for _ in 0..40 {
        let answer = transport.send(request()).await;
        assert!(pulses.all_beat());
        tokio::time::sleep(Duration::from_secs(if answer.is_ok() { 60 } else { 0 })).await;
    }
}

#[tokio::test(start_paused = true)]
async fn request_without_end_is_none() {
    struct Hangs;
    impl Transport for Hangs {
        fn send(&self, _: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
            Box::pin(std::future::pending())
        }
    }
    let pulses = Pulses::default();
    let other = pulses.begin();
    let transport = Beating::new(Arc::new(Hangs), pulses.begin());
    let work = async {
        let _ = transport.send(request()).await;
    };
    let watch = async {
        other.rest(STUCK_AFTER - Duration::from_secs(1)).await;
        assert!(pulses.all_beat());
        other.rest(Duration::from_secs(2)).await;
        assert!(!pulses.all_beat());
    };
    tokio::select! {
        () = work => unreachable!(),
        () = watch => {}
    }
    // Work that is over cannot be stuck.
    drop(transport);
    assert!(pulses.all_beat());
}

#[tokio::test(start_paused = true)]
async fn rest_is_no_hang() {
    let pulses = Pulses::default();
    let pulse = pulses.begin();
    let day = pulse.rest(Duration::from_secs(86_400));
    let watch = async {
        loop {
            tokio::time::sleep(Duration::from_secs(100)).await;
            assert!(pulses.all_beat());
        }
    };
    tokio::select! {
        () = day => {}
        () = watch => {}
    }
}
