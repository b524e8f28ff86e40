//! The places of a searched text in a line.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// The line with every place of the searched text, in small letters, in this style.
pub fn underlined(line: Line<'static>, query: &[char], style: Style) -> Line<'static> {
    let mut spans = Vec::new();
    for span in line.spans {
        let text: Vec<char> = span.content.chars().collect();
        let is_match = |at: usize| {
            let found = text.get(at..at + query.len());
            found.is_some_and(|found| {
                let small = found.iter().flat_map(|letter| letter.to_lowercase());
                small.eq(query.iter().copied())
            })
        };
        let (mut at, mut begin) = (0, 0);
        while at < text.len() {
            if is_match(at) {
                spans.push(Span::styled(
                    String::from_iter(&text[begin..at]),
                    span.style,
                ));
                begin = at + query.len();
                let found = String::from_iter(&text[at..begin]);
                spans.push(Span::styled(found, span.style.patch(style)));
                at = begin;
            } else {
                at += 1;
            }
        }
        spans.push(Span::styled(String::from_iter(&text[begin..]), span.style));
    }
    Line::from(spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_underlined_in_any_case() {
        let style = Style::new().underlined();
        let line = Line::from(vec![Span::raw("  space  "), Span::raw("Mark, remark")]);
        let query: Vec<char> = "mark".chars().collect();
        let line = underlined(line, &query, style);
        assert_eq!(line.to_string(), "  space  Mark, remark");
        let found = line.spans.iter().filter(|span| span.style == style);
        let found: Vec<&str> = found.map(|span| &*span.content).collect();
        assert_eq!(found, ["Mark", "mark"]);
    }
}
