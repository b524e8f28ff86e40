//! Why a plan has no device.

use std::collections::BTreeMap;

use crate::plan::{LeftOutReason, Plan};
use crate::text::grouped;

/// Why each of the marked devices is left out, with the number of rows for each reason.
pub(super) fn nothing_to_send(plan: &Plan) -> String {
    let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
    for row in &plan.left_out {
        let reason = match &row.reason {
            LeftOutReason::Unusable(problem) => problem.to_string(),
            held => held.to_string(),
        };
        *reasons.entry(reason).or_default() += 1;
    }
    let reasons = reasons.into_iter();
    let reasons: Vec<String> = reasons
        .map(|(reason, rows)| format!("{} {reason}", grouped(rows)))
        .collect();
    format!(
        "None of the devices can be sent: {}. The marks stay.",
        reasons.join("; ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::action::Action;
    use crate::tui::fuzzing;
    use crate::tui::job::PlanSource;
    use crate::tui::update::tests::operator_on;

    #[test]
    fn nothing_to_send_counts_the_rows_of_each_reason() {
        let list = "hwid,mac,hostname\n,,LT-1\n,,LT-2\n,00:05:9a:3c:7a:00,LT-3\n";
        let operator = operator_on(list, (120, 40));
        let devices = operator.app.context.list.devices.ids().collect();
        let source = PlanSource::Selection(devices);
        let plan = fuzzing::plan(&operator.app, Action::Remove, &source);
        let text = nothing_to_send(&plan);
        assert!(
            text.contains(": 2 not matched") && text.contains("; 1 shared MAC"),
            "{text}"
        );
    }
}
