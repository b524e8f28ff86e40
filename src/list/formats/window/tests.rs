use super::*;
use proptest::prelude::*;

#[test]
fn window_tracks_line_and_column_across_chunks() {
    let text = "ab\n".repeat(1 << 19);
    let mut window = Window::new("list", text.as_bytes(), 0, |_| {});
    let mut lines = 0;
    while window.peek(0).expect("readable").is_some() {
        lines += 1;
        assert_eq!(window.line(), lines);
        let length = window.line_length().expect("readable");
        assert_eq!(length, 3);
        window.consume(length);
    }
    assert_eq!(lines, 1 << 19);
    assert_eq!(window.offset(), text.len() as u64);
}

#[test]
fn syntax_error_names_line_and_column() {
    let mut window = Window::new("list", "\u{feff}ab\ncd".as_bytes(), 0, |_| {});
    window.skip_byte_order_mark().expect("readable");
    assert_eq!(
        window.syntax(4, "why").to_string(),
        "list, line 2, column 2: why"
    );
    assert_eq!(
        window.syntax(1, "why").to_string(),
        "list, line 1, column 2: why"
    );
}

#[test]
fn window_refuses_binary_and_endless_rows() {
    let mut binary = Window::new("list", "a\nb\0".as_bytes(), 0, |_| {});
    assert!(matches!(
        binary.peek(0),
        Err(ListError::NulByte { line: 2, .. })
    ));
    let mut endless = Window::new("list", std::io::repeat(b'x'), 0, |_| {});
    assert!(matches!(
        endless.line_length(),
        Err(ListError::RowTooLong { line: 1, .. })
    ));
    let longest = "x".repeat(LONGEST_ROW_MIB << 20) + "\n";
    let mut longest = Window::new("list", longest.as_bytes(), 0, |_| {});
    assert!(longest.line_length().is_ok());
}

#[test]
fn progress_is_all_that_was_read_so_far() {
    let text = "a\n".repeat(2 << 20);
    let mut read = Vec::new();
    let mut window = Window::new("list", text.as_bytes(), 0, |bytes| read.push(bytes));
    window.peek(text.len()).expect("a text");
    drop(window);
    assert!(read.len() > 2 && read.is_sorted(), "{read:?}");
    assert_eq!(read.last(), Some(&(text.len() as u64)));
}

#[test]
fn bytes_that_are_not_utf8_are_found_after_a_split_character() {
    let mut bytes = vec![b'x'; (2 << 20) - 1];
    bytes.extend(b"\xc3\xa9\xff");
    let mut window = Window::new("list", &*bytes, 0, |_| {});
    let read = window.peek(bytes.len());
    assert!(matches!(read, Err(ListError::NotUtf8 { .. })));
}

#[test]
fn first_lines_are_no_more_than_asked_for() {
    let mut window = Window::new("list", &b"a\r\nb\nc"[..], 0, |_| {});
    assert_eq!(window.first_lines(2).expect("readable"), ["a", "b"]);
}

/// Reads all lines and checks the window's position at each.
fn lines(text: &str) -> Vec<String> {
    let mut window = Window::new("list", text.as_bytes(), 0, |_| {});
    let mut lines = Vec::new();
    let mut at = 0;
    while window.peek(0).expect("readable").is_some() {
        assert_eq!(window.offset(), at as u64);
        assert_eq!(window.line(), lines.len() as u64 + 1);
        let error = window.syntax(0, "why").to_string();
        assert!(
            error.contains(&format!("line {}, column 1: ", lines.len() + 1)),
            "{error}"
        );
        let length = window.line_length().expect("readable");
        lines.push(
            text.get(at..at + length)
                .expect("whole characters")
                .to_owned(),
        );
        at += length;
        window.consume(length);
    }
    assert_eq!(window.hash(), crate::text::hex(&Sha256::digest(text)));
    lines
}

fn split(text: &str) -> Vec<String> {
    let separator = if text.contains('\n') { '\n' } else { '\r' };
    text.split_inclusive(separator).map(str::to_owned).collect()
}

proptest! {
    #[test]
    fn window_lines_are_contiguous(text in "[ab,\r\né端]{0,60}") {
        prop_assert_eq!(lines(&text), split(&text));
    }
}

proptest! {
    // Each case hashes a megabyte.
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn window_accepts_chunks_that_end_anywhere(text in "[ab\né端]{1,40}", back in 0_usize..40) {
        let first = "x".repeat((1 << 20) - back);
        let text = format!("{first}\n{text}");
        prop_assert_eq!(lines(&text), split(&text));
    }
}

/// A carriage return in a long row is not its end, unless a megabyte has no line feed.
#[test]
fn row_is_as_long_as_in_the_whole_list() {
    for (more, length) in [(2 * 4096, 2 * 4096 + 4), (1 << 20, 2)] {
        let text = format!("a\rb{}\nc\n", "x".repeat(more));
        let mut whole = Window::new("list", text.as_bytes(), 0, |_| {});
        let mut row = Window::on_row("list", text.as_bytes(), 0);
        for window in [&mut whole, &mut row] {
            assert_eq!(window.line_length().expect("a line"), length);
        }
        assert_eq!(row.hash(), "");
    }
}

#[test]
fn row_without_lines_is_read_in_growing_chunks() {
    let mut row = Window::on_row("list", std::io::repeat(b'x'), 0).without_lines();
    for (at, read) in [(0, 4096), (4096, 3 * 4096), (3 * 4096, 7 * 4096)] {
        row.peek(at).expect("readable");
        assert_eq!(row.bytes().len(), read);
    }
}
