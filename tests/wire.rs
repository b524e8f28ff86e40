//! What each fault of the network does to a Delete Devices call: a scripted server on loopback
//! misbehaves byte by byte, and the call's classification is looked at. And what the simulated tenant
//! answers to the requests of public clients, byte by byte, too.

#![expect(clippy::expect_used, reason = "a test that panics has failed")]

mod wire {
    pub mod answers;
    pub mod certificates;
    pub mod clients;
    pub mod connections;
    pub mod server;
}
