//! What happens in the sample companies: deals are created, move, are won and lost; customers do well or badly;
//! forecasts are submitted and approved; what was won is paid. Each step is a draft: an event's type and its data.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::{Value, json};

use super::random::Random;
use crate::time::Timestamp;

/// An event before it is written.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) event_type: &'static str,
    pub(super) tenant: Arc<str>,
    pub(super) user: &'static str,
    /// What it belongs to.
    pub(super) correlation: String,
    pub(super) data: Value,
}

/// A deal that is open.
#[derive(Debug, Clone)]
struct Deal {
    tenant: Arc<str>,
    id: String,
    account: &'static str,
    rep: &'static str,
    amount: u64,
    stage: usize,
}

const STAGES: [(&str, f64); 4] = [("qualified", 0.25), ("proposal", 0.5), ("negotiation", 0.75), ("verbal", 0.9)];
const ACCOUNTS: [&str; 10] =
    ["acme", "globex", "initech", "umbrella", "hooli", "stark", "wayne", "tyrell", "cyberdyne", "soylent"];
const REPS: [&str; 5] = ["rep_ada", "rep_bob", "rep_eve", "rep_kim", "rep_lou"];
const LOST: [&str; 4] = ["price", "timing", "missing feature", "no decision"];
const COMPETITORS: [&str; 3] = ["Rivalsoft", "Otherware", "in-house"];
/// With more open deals, the oldest are closed first.
const MOST_OPEN: usize = 40;
const DAY: i64 = 86_400_000;

/// The sample companies.
#[derive(Debug)]
pub(super) struct Story {
    tenants: Vec<Arc<str>>,
    open: VecDeque<Deal>,
    /// What follows from what happened.
    next: VecDeque<Draft>,
    deals: u64,
    forecasts: u64,
}

impl Story {
    pub(super) const fn new(tenants: Vec<Arc<str>>) -> Self {
        Self { tenants, open: VecDeque::new(), next: VecDeque::new(), deals: 0, forecasts: 0 }
    }

    /// What happens next.
    pub(super) fn step(&mut self, random: &mut Random, now: Timestamp) -> Draft {
        if random.below(3) == 0
            && let Some(draft) = self.next.pop_front()
        {
            return draft;
        }
        match random.below(100) {
            _ if self.open.len() > MOST_OPEN => self.close(random, now),
            0..26 => self.create(random, now),
            26..54 => self.advance(random, now),
            54..70 => self.close(random, now),
            70..81 => self.health(random),
            81..87 => self.forecast(random, now),
            87..92 => self.quota(random),
            92..95 => self.pricing(random, now),
            _ => self.metric(random),
        }
    }

    fn tenant(&self, random: &mut Random) -> Arc<str> {
        self.tenants.get(random.index(self.tenants.len())).map_or_else(|| "tenant_001".into(), Arc::clone)
    }

    /// An account of a tenant.
    pub(super) fn account(&self, random: &mut Random) -> (Arc<str>, &'static str) {
        (self.tenant(random), random.pick(&ACCOUNTS))
    }

    fn create(&mut self, random: &mut Random, now: Timestamp) -> Draft {
        self.deals += 1;
        let deal = Deal {
            tenant: self.tenant(random),
            id: format!("deal_{}", self.deals),
            account: random.pick(&ACCOUNTS),
            rep: random.pick(&REPS),
            amount: (random.below(90) + 5) * 1000,
            stage: 0,
        };
        let close = date(now, 30 + i64::try_from(random.below(60)).unwrap_or(0));
        let data = json!({
            "deal_id": deal.id, "account_id": deal.account, "amount": deal.amount, "close_date": close,
            "stage": STAGES[0].0, "rep_id": deal.rep,
        });
        let draft = deal.draft("pipeline.deal_created", data);
        self.open.push_back(deal);
        draft
    }

    fn advance(&mut self, random: &mut Random, now: Timestamp) -> Draft {
        let at = random.index(self.open.len());
        let Some(deal) = self.open.get_mut(at) else { return self.create(random, now) };
        let Some((stage, probability)) = STAGES.get(deal.stage + 1) else { return self.close(random, now) };
        let old = STAGES[deal.stage].0;
        deal.stage += 1;
        let data = json!({
            "deal_id": deal.id, "old_stage": old, "new_stage": stage, "probability": probability, "rep_id": deal.rep,
        });
        deal.draft("pipeline.stage_changed", data)
    }

    /// The deal that is furthest is won or lost.
    fn close(&mut self, random: &mut Random, now: Timestamp) -> Draft {
        let furthest = (0..self.open.len()).rev().max_by_key(|at| self.open[*at].stage);
        let Some(deal) = furthest.and_then(|at| self.open.remove(at)) else { return self.create(random, now) };
        if random.below(3) == 0 {
            let data = json!({
                "deal_id": deal.id, "lost_reason": random.pick(&LOST), "competitor": random.pick(&COMPETITORS),
                "rep_id": deal.rep, "account_id": deal.account,
            });
            return deal.draft("pipeline.deal_lost", data);
        }
        self.next.extend(paid(&deal, random, now));
        let data = json!({
            "deal_id": deal.id, "final_amount": deal.amount, "close_date": date(now, 0), "rep_id": deal.rep,
            "account_id": deal.account,
        });
        deal.draft("pipeline.deal_won", data)
    }

    fn health(&mut self, random: &mut Random) -> Draft {
        let (tenant, account) = (self.tenant(random), random.pick(&ACCOUNTS));
        let (old, new) = (random.below(60) + 40, random.below(100));
        let event = |event_type, data| of(event_type, &tenant, account, data);
        if new < 30 {
            let data = json!({
                "account_id": account, "churn_probability": 0.9 - new as f64 / 100.0,
                "risk_factors": ["usage fell", "champion left"],
            });
            self.next.push_back(event("customer_success.churn_risk_high", data));
        } else if new > 85 {
            let data = json!({
                "account_id": account, "estimated_value": (random.below(20) + 1) * 1000, "opportunity_type": "seats",
            });
            self.next.push_back(event("customer_success.expansion_opportunity", data));
        }
        let risk = ["high", "medium", "low"][usize::from(new >= 30) + usize::from(new >= 60)];
        let data = json!({ "account_id": account, "old_score": old, "new_score": new, "risk_level": risk });
        event("customer_success.health_score_changed", data)
    }

    fn forecast(&mut self, random: &mut Random, now: Timestamp) -> Draft {
        self.forecasts += 1;
        let (tenant, id, rep) = (self.tenant(random), format!("forecast_{}", self.forecasts), random.pick(&REPS));
        let amount = (random.below(400) + 100) * 1000;
        let event = |event_type, data| of(event_type, &tenant, &id, data);
        self.next.push_back(if random.below(3) == 0 {
            let data = json!({
                "forecast_id": id, "old_amount": amount, "new_amount": amount * 9 / 10,
                "revision_reason": "a large deal slipped", "confidence_score": 0.7, "rep_id": rep,
            });
            event("forecast.revised", data)
        } else {
            let data = json!({
                "forecast_id": id, "approved_by": "manager_mia", "approved_at": now.to_rfc3339(),
                "final_amount": amount, "rep_id": rep,
            });
            event("forecast.approved", data)
        });
        let data = json!({
            "forecast_id": id, "forecast_period": quarter(now), "forecast_amount": amount, "rep_id": rep,
            "manager_id": "manager_mia",
        });
        event("forecast.submitted", data)
    }

    fn quota(&self, random: &mut Random) -> Draft {
        let (rep, old) = (random.pick(&REPS), (random.below(20) + 10) * 10_000);
        let data = json!({ "rep_id": rep, "period": "2025-Q1", "old_quota": old, "new_quota": old + 50_000 });
        of("planning.quota_changed", &self.tenant(random), rep, data)
    }

    fn pricing(&mut self, random: &mut Random, now: Timestamp) -> Draft {
        let at = random.index(self.open.len());
        let Some(deal) = self.open.get(at) else { return self.create(random, now) };
        let data = json!({
            "deal_id": deal.id, "account_id": deal.account, "approved_amount": deal.amount,
            "approved_by": "desk_dan", "approved_at": now.to_rfc3339(),
        });
        deal.draft("deal_desk.pricing_approved", data)
    }

    fn metric(&self, random: &mut Random) -> Draft {
        let (tenant, metric) = (self.tenant(random), random.pick(&["win_rate", "cycle_days", "pipeline_cover"]));
        let value = random.below(100);
        if random.below(2) == 0 {
            let data =
                json!({ "metric_name": metric, "expected_range": {"low": 40, "high": 60}, "actual_value": value });
            return of("dashboard.anomaly_detected", &tenant, metric, data);
        }
        let data = json!({ "metric_name": metric, "current_value": value, "threshold": 50, "severity": "warning" });
        of("dashboard.threshold_alert", &tenant, metric, data)
    }
}

/// What follows from a deal that is won.
fn paid(deal: &Deal, random: &mut Random, now: Timestamp) -> Vec<Draft> {
    let (base, more) = (deal.amount / 10, deal.amount / 50);
    let data = json!({
        "rep_id": deal.rep, "period": quarter(now), "base_commission": base, "accelerators": more,
        "total_commission": base + more, "deal_id": deal.id,
    });
    let mut out = vec![deal.draft("compensation.calculated", data)];
    if random.below(4) == 0 {
        let data = json!({ "rep_id": deal.rep, "threshold_name": "gold", "new_rate": 0.12 });
        out.push(deal.draft("compensation.threshold_reached", data));
    }
    out
}

impl Deal {
    fn draft(&self, event_type: &'static str, data: Value) -> Draft {
        Draft { user: self.rep, ..of(event_type, &self.tenant, &self.id, data) }
    }
}

fn of(event_type: &'static str, tenant: &Arc<str>, about: &str, data: Value) -> Draft {
    let correlation = format!("cor_{about}");
    Draft { event_type, tenant: Arc::clone(tenant), user: "usr_sample", correlation, data }
}

/// `YYYY-MM-DD`, some days from now.
fn date(now: Timestamp, days: i64) -> String {
    Timestamp::from_millis(now.millis() + days * DAY).to_rfc3339().chars().take(10).collect()
}

/// `YYYY-Qn` of now.
fn quarter(now: Timestamp) -> String {
    let text = now.to_rfc3339();
    let month: u32 = text.get(5..7).and_then(|month| month.parse().ok()).unwrap_or(1);
    format!("{}-Q{}", text.get(..4).unwrap_or("2024"), (month - 1) / 3 + 1)
}
