//! Comments in a pasted text: their text names nothing.
//!
//! A line that begins with `#`, `;`, `//` or `-- ` is a comment, also within quotes, and so is text after a
//! `#` or `//` behind a space, a tab or a separator. A number (`Front Desk #2`) and a cell that begins with `#`
//! are not: they are looked up, and reported if they match nothing.

/// The characters between two entries of a line.
pub(super) const SEPARATORS: [char; 3] = [',', ';', '\t'];

/// A line without its comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'t> {
    pub entries: &'t str,
    /// The last entry together with the comment after it, up to the next separator: a device can be
    /// called like that.
    pub last_with_comment: Option<&'t str>,
}

/// Splits a comment off `line`; `None` if all of it is one.
pub(super) fn without_comment(line: &str) -> Option<Line<'_>> {
    let text = line
        .trim_start()
        .trim_start_matches(['"', '\''])
        .trim_start();
    let signs = ["#", "＃", ";", "//", "-- "];
    if signs.into_iter().any(|sign| text.starts_with(sign)) {
        return None;
    }
    let Some((entries, comment)) = comment_starts(line)
        .filter_map(|at| line.split_at_checked(at))
        .find(|(entries, comment)| is_comment(entries, comment))
    else {
        return Some(Line {
            entries: line,
            last_with_comment: None,
        });
    };
    let last = entries.rfind(SEPARATORS).map_or(0, |at| at + 1);
    let comment_end = comment.find(SEPARATORS).unwrap_or(comment.len());
    Some(Line {
        entries,
        last_with_comment: line.get(last..entries.len() + comment_end),
    })
}

/// Where a comment may begin: at the space before its sign, or at the sign behind a tab or a separator.
fn comment_starts(line: &str) -> impl Iterator<Item = usize> {
    let chars = line.char_indices();
    chars
        .clone()
        .zip(chars.skip(1))
        .filter_map(|((before, blank), (at, sign))| {
            let rest = line.get(at..)?;
            let is_sign = matches!(sign, '#' | '＃') || rest.starts_with("//");
            match blank {
                ' ' if is_sign => Some(before),
                _ if is_sign && SEPARATORS.contains(&blank) => Some(at),
                _ => None,
            }
        })
}

/// `comment` begins with the sign, or with a space before it.
fn is_comment(entries: &str, comment: &str) -> bool {
    let comment = comment.trim_start();
    if comment.starts_with("//") {
        return true;
    }
    let signs = ['#', '＃'];
    let text = comment.trim_start_matches([' ', '#', '＃']);
    let word = comment.trim_start_matches(signs);
    let word = word.split([' ', ',', ';', '\t']).next().unwrap_or_default();
    let is_number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let begins_cell = entries.trim_end_matches(' ').ends_with(SEPARATORS);
    let is_cell = begins_cell && !word.is_empty();
    text.is_empty() || (!is_number && !is_cell)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn without_comment_removes_lines_and_text_after_a_number_sign() {
        for line in [
            "# LT-1",
            "#LT-1",
            "  ; LT-1",
            ";LT-1",
            "// LT-1",
            "#",
            "#TYPE x",
            "\"# LT-1\"",
            "-- LT-1",
            "＃ LT-1",
        ] {
            assert_eq!(without_comment(line), None, "{line}");
        }
        for (line, entries, with_comment) in [
            ("LT-1 # not LT-2, LT-3", "LT-1", Some("LT-1 # not LT-2")),
            ("a, LT-1 #LT-2", "a, LT-1", Some(" LT-1 #LT-2")),
            (
                "Front Desk #2 # old",
                "Front Desk #2",
                Some("Front Desk #2 # old"),
            ),
            ("LT-1, # x", "LT-1,", Some(" # x")),
            ("LT-1 #", "LT-1", Some("LT-1 #")),
            ("Front Desk #2", "Front Desk #2", None),
            ("LT-1, #a, LT-2", "LT-1, #a, LT-2", None),
            ("LT-1\t#a\tLT-2", "LT-1\t#a\tLT-2", None),
            ("LT#1; LT-2 // x", "LT#1; LT-2", Some(" LT-2 // x")),
            ("LT-2\t# LT-1", "LT-2\t", Some("# LT-1")),
            ("LT-2,# LT-1", "LT-2,", Some("# LT-1")),
            ("LT-2\t// LT-1", "LT-2\t", Some("// LT-1")),
            ("LT-2 ＃ LT-1", "LT-2", Some("LT-2 ＃ LT-1")),
            ("LT-2,#a", "LT-2,#a", None),
            ("LT--2", "LT--2", None),
            ("https://x", "https://x", None),
            ("", "", None),
        ] {
            let expected = Line {
                entries,
                last_with_comment: with_comment,
            };
            assert_eq!(without_comment(line), Some(expected), "{line}");
        }
    }

    proptest! {
        #[test]
        fn without_comment_returns_a_prefix(line in "[a #;,/\\t1ä＃\"-]{0,20}") {
            if let Some(found) = without_comment(&line) {
                prop_assert!(line.starts_with(found.entries));
            }
        }
    }
}
