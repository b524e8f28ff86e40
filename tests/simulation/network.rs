//! The way to the tenant and back, on which everything can go wrong.

use std::time::Duration;

use offboard::domain::device::{Identifier, IdentifierKind};
use offboard::domain::rate_limit::RateHeaders;
use offboard::engine::lookup_response;
use offboard::engine::response::{Body, HttpAnswer, NoAnswer, NotSent};
use offboard::engine::{TokenReport, TokenResult};
use serde_json::json;

use super::account;
use super::process::Process;
use super::schedule::{Due, Moment};
use super::transport::{self, Returned};
use super::truth::FlightEnd;
use super::world::World;

/// How long a call may take.
pub const TIMEOUT: Duration = Duration::from_secs(60);
const TIMEOUT_MS: Moment = 60_000;

/// What is on the way.
enum Message {
    /// Delete Devices: the run by its index, the call's number, the bytes.
    Delete {
        run: usize,
        call: u32,
        body: Vec<u8>,
    },
    Token,
    Lookup(Identifier),
    Page,
}

/// On its way to the tenant.
pub struct Request {
    process: usize,
    call: u64,
    account: usize,
    token: String,
    slot: i64,
    deadline: Moment,
    message: Message,
}

impl World {
    /// A process sends a call, and gets its answer by [`Due::Return`].
    pub fn send(&mut self, sender: &mut Process, message: transport::Message) {
        assert!(!sender.has_failed, "a call after a write that failed");
        self.calls += 1;
        let call = self.calls;
        sender.call = Some(call);
        let (token, message) = self.read(sender, message);
        let (process, account, slot) = (sender.index, sender.account, sender.slot);
        self.check_recorded(slot);
        let row = self.auditor.slot(slot);
        assert!(
            row.is_some_and(|(_, _, completed)| completed.is_none()),
            "a call without a slot of its own"
        );
        if self.chance(3) {
            let moment = self.now + self.random.u64(..TIMEOUT_MS);
            self.at(moment, Due::Kill { process, call });
        }
        if self.now < self.outage_until || self.chance(3) {
            let reason = match self.random.u8(..12) {
                0 => NotSent::Certificate("expired".to_owned()),
                1 => NotSent::ProxyLogin,
                _ => NotSent::Unreachable("refused".to_owned()),
            };
            let moment = self.now + self.random.u64(..30_000);
            let not_sent = Err(NoAnswer::NotSent(reason));
            return self.go_back(process, call, moment, &message, not_sent);
        }
        if let Message::Delete { run, call, .. } = message {
            self.flight(run, call).sent = true;
        }
        let deadline = self.now + TIMEOUT_MS;
        if self.chance(3) {
            // Lost on the way there.
            let moment = self.now + self.random.u64(..=TIMEOUT_MS);
            let lost = NoAnswer::Lost("reset".to_owned());
            return self.go_back(process, call, moment, &message, Err(lost));
        }
        let delay = match self.random.u8(..6) {
            0 if self.faulty => self.random.u64(..TIMEOUT_MS),
            _ => self.random.u64(1..2000),
        };
        let moment = self.now + delay;
        let request = Request {
            process,
            call,
            account,
            token,
            slot,
            deadline,
            message,
        };
        self.at(moment, Due::Arrival(Box::new(request)));
    }

    /// What a message is, and its token. A Delete Devices call is the one whose intent its process
    /// stored last, and goes in that one's slot.
    fn read(&self, sender: &Process, message: transport::Message) -> (String, Message) {
        match message {
            transport::Message::Delete(token, body) => {
                let run = sender.active.as_ref().expect("a run").run;
                let flight = self.runs[run].flights.last();
                let flight = flight.expect("no send without a durable intent");
                assert!(
                    !flight.settled && !flight.sent,
                    "no send without a durable intent"
                );
                assert_eq!(flight.slot, sender.slot, "in another call's slot");
                let call = flight.call;
                (token, Message::Delete { run, call, body })
            }
            transport::Message::Token => (String::new(), Message::Token),
            transport::Message::Lookup(token, identifier) => (token, Message::Lookup(identifier)),
            transport::Message::Page(token) => (token, Message::Page),
        }
    }

    /// A call reaches the tenant, which answers; the answer may not come back as it left.
    pub fn arrive(&mut self, request: Request) {
        self.check_arrival(request.account, request.slot, request.process, request.call);
        let now = self.now;
        let too_many = self.accounts[request.account].count(now);
        let noise = self.chance(10);
        let rate = self.accounts[request.account].rate(now, too_many, noise, &mut self.random);
        let slow = self.faulty && self.random.u8(..8) == 0;
        let back = now + self.random.u64(1..if slow { 70_000 } else { 1500 });
        let mut answer = self.answer(&request, too_many);
        answer.rate = rate;
        let Request {
            process,
            call,
            deadline,
            message,
            ..
        } = request;
        if let Message::Delete { run, call, .. } = &message {
            self.note_answer(*run, *call, &answer);
        }
        let lost = back > deadline || self.chance(4);
        if lost {
            let moment = if self.random.bool() {
                deadline
            } else {
                back.min(deadline)
            };
            if let Message::Delete { run, call, .. } = message {
                self.flight(run, call).end = FlightEnd::Lost;
            }
            let reason = "no whole answer within 60 s".to_owned();
            return self.go_back(
                process,
                call,
                moment.max(now),
                &message,
                Err(NoAnswer::Lost(reason)),
            );
        }
        if let Message::Delete { run, call, .. } = &message
            && self.chance(6)
        {
            answer = self.mangle(*run, *call, answer);
        }
        self.go_back(process, call, back, &message, Ok(answer));
    }

    fn go_back(
        &mut self,
        process: usize,
        call: u64,
        moment: Moment,
        message: &Message,
        answer: Result<HttpAnswer, NoAnswer>,
    ) {
        let with = match *message {
            Message::Delete { run, call, .. } => {
                match &answer {
                    Err(NoAnswer::NotSent(_)) => self.flight(run, call).end = FlightEnd::NotSent,
                    Err(NoAnswer::Lost(_)) => self.flight(run, call).end = FlightEnd::Lost,
                    Ok(_) => {}
                }
                Returned::Delete(answer)
            }
            Message::Token => self.token(process, answer),
            Message::Lookup(_) => Returned::Lookup(lookup_response::read(answer)),
            Message::Page => transport::page(answer),
        };
        let with = Box::new(with);
        self.at(
            moment,
            Due::Return {
                process,
                call,
                with,
            },
        );
    }

    fn answer(&mut self, request: &Request, too_many: bool) -> HttpAnswer {
        if too_many || self.chance(2) {
            return account::answer(429, "slow down");
        }
        let server_fails = self.chance(3);
        let now = self.now;
        match &request.message {
            Message::Token if server_fails => account::answer(503, "down"),
            Message::Token if self.chance(4) => account::answer(401, "invalid_client"),
            Message::Token => account::answer(200, ""),
            _ if !self.accounts[request.account].knows(&request.token, now) => {
                account::answer(401, "expired")
            }
            message if self.chance(1) => {
                // A 404 to one lookup alone would be a lie of the tenant.
                let is_lookup = matches!(message, Message::Lookup(_));
                let statuses: &[u16] = if is_lookup { &[403] } else { &[403, 404, 415] };
                account::answer(statuses[self.random.usize(..statuses.len())], "no")
            }
            Message::Lookup(_) | Message::Page if server_fails => account::answer(500, ""),
            Message::Lookup(identifier) => {
                let by_mac = identifier.kind() == IdentifierKind::Mac;
                let text = identifier.to_string();
                let account = &self.accounts[request.account];
                let answer = account.details(&text, by_mac);
                let is_absent = answer.status == 404 && !account.behind_gateway;
                self.lookups
                    .answered(request.process, request.account, &text, is_absent);
                answer
            }
            Message::Page => account::answer(200, ""),
            Message::Delete { run, call, body } => {
                let asked = self.check_delete(*run, *call, request.account, body);
                if self.accounts[request.account].refuses(&asked) {
                    let status = if self.random.bool() { 400 } else { 413 };
                    return account::answer(status, "refused");
                }
                if server_fails && self.random.bool() {
                    return account::answer(500, "not applied");
                }
                let result = self.apply(*run, *call, request.account, &asked);
                if server_fails {
                    return account::answer(502, "applied, and the answer lost");
                }
                account::answer(200, &json!({ "result": result }).to_string())
            }
        }
    }

    /// What a proxy or a broken connection makes of an answer to a Delete Devices call.
    fn mangle(&mut self, run: usize, call: u32, answer: HttpAnswer) -> HttpAnswer {
        let Body::Whole(body) = &answer.body else {
            return answer;
        };
        let text = String::from_utf8_lossy(body).into_owned();
        let rate = answer.rate.clone();
        let choice = self.random.u8(..7);
        let flight = self.flight(run, call);
        if choice == 0 {
            // Only the first element can't be read.
            let Ok(mut value) = serde_json::from_str::<serde_json::Value>(&text) else {
                return answer;
            };
            if let FlightEnd::Answered(readable) = &mut flight.end {
                readable[0] = false;
                value["result"][0] = json!("1");
            }
            return HttpAnswer {
                rate,
                ..account::answer(answer.status, &value.to_string())
            };
        }
        flight.end = FlightEnd::Lost;
        let odd = match choice {
            1 => account::answer(200, "<html>sign in</html>"),
            2 => account::answer(302, ""),
            3 => account::answer(
                200,
                r#"{"result":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}"#,
            ),
            4 => account::answer(200, &text[..text.len() - 1]),
            5 => HttpAnswer {
                body: Body::Broken,
                ..answer
            },
            _ => HttpAnswer {
                body: Body::TooLarge,
                ..answer
            },
        };
        HttpAnswer { rate, ..odd }
    }

    fn token(&mut self, process: usize, answer: Result<HttpAnswer, NoAnswer>) -> Returned {
        let report = |result, rate| TokenReport { result, rate };
        let (result, rate) = match answer {
            Err(NoAnswer::NotSent(reason)) => {
                (TokenResult::NotSent(reason), RateHeaders::default())
            }
            Err(NoAnswer::Lost(message)) => (TokenResult::Failed(message), RateHeaders::default()),
            Ok(answer) => match answer.status {
                200 => {
                    let (reported, truly) = account::lifetimes(self.faulty, &mut self.random);
                    let until = self.now + truly;
                    let account = self.account_of(process);
                    let token = self.accounts[account].grant(until);
                    let granted = report(TokenResult::Granted(reported), answer.rate);
                    return Returned::Token(granted, Some(token));
                }
                429 => (TokenResult::TooMany, answer.rate),
                401 => (
                    TokenResult::Refused("invalid_client".to_owned()),
                    answer.rate,
                ),
                status => (TokenResult::Failed(status.to_string()), answer.rate),
            },
        };
        Returned::Token(report(result, rate), None)
    }
}
