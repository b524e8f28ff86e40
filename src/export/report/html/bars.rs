//! Bars as inline SVG. A browser prints the fill of a shape, unlike the background of an element.

use maud::{Markup, html};

use super::class;
use crate::export::report::document::{Bars, CountedPart, percent};
use crate::text::grouped;

/// The width of a whole bar, in units of its own.
const WIDTH: u64 = 1_000;
/// The least width of a part that isn't empty.
const LEAST: u64 = 8;

/// One bar in parts, with a legend.
pub fn stacked(shares: &[CountedPart]) -> Markup {
    let total: u64 = shares.iter().map(|share| share.count).sum();
    let widths = widths(shares, total);
    let mut begin = 0;
    let parts = widths.into_iter().map(|width| {
        let part = (begin, width);
        begin += width;
        part
    });
    let parts: Vec<(u64, u64)> = parts.collect();
    let labels = shares.iter().map(|share| {
        let label = share.label.as_str();
        format!("{} {label}", grouped(share.count))
    });
    let description = labels.collect::<Vec<_>>().join(", ");
    html! {
        svg.stacked role="img" aria-label=(description) viewBox={ "0 0 " (WIDTH) " 10" }
            preserveAspectRatio="none" {
            @for (share, (begin, width)) in shares.iter().zip(parts) {
                rect.(class(share.tone)) x=(begin) y="0" width=(width) height="10" {}
            }
        }
        ul.legend {
            @for share in shares {
                li.(class(share.tone)) {
                    span.sign aria-hidden="true" { (share.tone.sign()) } " "
                    strong { (grouped(share.count)) } " " (share.label.as_str())
                    " " span.share { (percent(share.count, total)) }
                }
            }
        }
    }
}

/// The widths of the parts. A part that isn't empty can be seen, at the cost of the widest one.
fn widths(shares: &[CountedPart], total: u64) -> Vec<u64> {
    let mut widths: Vec<u64> = shares
        .iter()
        .map(|share| match share.count {
            0 => 0,
            count => scaled(count, total).max(LEAST),
        })
        .collect();
    let sum: u64 = widths.iter().sum();
    if let Some(widest) = widths.iter_mut().max() {
        *widest = (*widest + WIDTH).saturating_sub(sum);
    }
    widths
}

fn scaled(count: u64, total: u64) -> u64 {
    let width = u128::from(count) * u128::from(WIDTH) / u128::from(total.max(1));
    u64::try_from(width).unwrap_or(WIDTH).min(WIDTH)
}

/// Counts with a bar each, as a table.
pub fn table(bars: &Bars) -> Markup {
    html! {
        div.wide role="region" tabindex="0" aria-label=(bars.caption.as_str()) {
            table.bars {
                caption { (bars.caption.as_str()) }
                thead {
                    tr {
                        th scope="col" { (bars.label.as_str()) }
                        th.number scope="col" { (bars.unit.as_str()) }
                        th.share scope="colgroup" colspan="2" { "share" }
                    }
                }
                tbody {
                    @for share in &bars.shares { (row(share, bars.total)) }
                }
                tfoot {
                    tr {
                        th scope="row" { "all" }
                        td.number { (grouped(bars.total)) }
                        td.number {}
                        td.bar {}
                    }
                }
            }
        }
    }
}

fn row(share: &CountedPart, total: u64) -> Markup {
    let width = match share.count {
        0 => 0,
        count => scaled(count, total).max(LEAST),
    };
    html! {
        tr {
            th scope="row" { (share.label.as_str()) }
            td.number { (grouped(share.count)) }
            td.number { (percent(share.count, total)) }
            td.bar {
                svg role="img" aria-label=(percent(share.count, total))
                    viewBox={ "0 0 " (WIDTH) " 10" } preserveAspectRatio="none" {
                    rect.track x="0" y="0" width=(WIDTH) height="10" {}
                    @if width > 0 {
                        rect.(class(share.tone)) x="0" y="0" width=(width) height="10" {}
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::report::document::Tone;

    #[test]
    fn widths_fill_the_bar_and_show_the_smallest_part() {
        let shares = |counts: &[u64]| -> Vec<CountedPart> {
            let share = |&count| CountedPart {
                label: "x".into(),
                count,
                tone: Tone::Neutral,
            };
            counts.iter().map(share).collect()
        };
        let of = |counts: &[u64]| widths(&shares(counts), counts.iter().sum());
        assert_eq!(of(&[10_000, 1]), [992, 8]);
        assert_eq!(of(&[1, 0, 1]), [500, 0, 500]);
        assert_eq!(of(&[3, 3, 3]).iter().sum::<u64>(), WIDTH);
        assert_eq!(of(&[]), [] as [u64; 0]);
    }
}
