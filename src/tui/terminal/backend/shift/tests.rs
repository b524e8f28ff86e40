use proptest::prelude::*;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};

use super::*;

fn buffer<T: AsRef<str>>(rows: &[T]) -> Buffer {
    Buffer::with_lines(rows.iter().map(AsRef::as_ref))
}

fn numbered(numbers: impl Iterator<Item = usize>) -> Vec<String> {
    let letters: Vec<char> = ('a'..='z').chain('A'..='Z').collect();
    let row = |n: usize| letters[n].to_string().repeat(40);
    numbers.map(row).collect()
}

/// A table between a header and a footer.
fn screen(rows: std::ops::Range<usize>) -> Vec<String> {
    let mut lines = vec!["offboard  devices.csv".to_owned()];
    lines.extend(numbered(rows));
    lines.push("j k move  space mark".to_owned());
    let width = lines.iter().map(String::len).max().unwrap_or(0);
    let padded = lines.into_iter().map(|line| format!("{line:width$}"));
    padded.collect()
}

#[test]
fn rows_of_a_table_move_between_header_and_footer() {
    let before = buffer(&screen(10..20));
    let found = |rows| Shift::find(&before, &buffer(&screen(rows)));
    let shift = |by| {
        Some(Shift {
            top: 1,
            bottom: 11,
            by,
        })
    };
    assert_eq!(found(11..21), shift(By::Up(1)));
    assert_eq!(found(15..25), shift(By::Up(5)));
    assert_eq!(found(9..19), shift(By::Down(1)));
    assert_eq!(found(30..40), None);
    assert_eq!(found(10..20), None);
}

#[test]
fn shift_that_saves_little_is_left_out() {
    let before = buffer(&["a", "b", "c", "d", "e"]);
    assert_eq!(
        Shift::find(&before, &buffer(&["b", "c", "d", "e", "f"])),
        None
    );
}

#[test]
fn shift_is_written_as_lines_deleted_and_inserted() {
    let written = |by| {
        let mut out = Vec::new();
        let shift = Shift {
            top: 3,
            bottom: 38,
            by,
        };
        shift.write(&mut out).expect("a buffer");
        String::from_utf8(out).expect("text")
    };
    assert_eq!(
        written(By::Up(1)),
        "\u{1b}[4;1H\u{1b}[1M\u{1b}[38;1H\u{1b}[1L"
    );
    assert_eq!(
        written(By::Down(2)),
        "\u{1b}[37;1H\u{1b}[2M\u{1b}[4;1H\u{1b}[2L"
    );
}

/// A frame of a few rows that differ, so that many of the next frame's rows stand in this one.
fn frame() -> impl Strategy<Value = Vec<(u8, bool)>> {
    prop::collection::vec((0..12_u8, any::<bool>()), 12)
}

fn drawn(rows: &[(u8, bool)]) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 30, 12));
    for (y, &(text, is_coloured)) in (0..).zip(rows) {
        let style = if is_coloured {
            Style::new().fg(Color::Red).bg(Color::Blue)
        } else {
            Style::new()
        };
        // Narrow and wide characters above each other.
        let text = match text % 3 {
            0 => String::new(),
            1 => format!("{text:02} laptop of the sales team"),
            _ => format!("{text:02} 営業部のノートパソコン{text}"),
        };
        buffer.set_string(0, y, text, style);
    }
    buffer
}

proptest! {
    /// What the terminal shows after any number of frames is what a whole new drawing shows.
    #[test]
    fn terminal_shows_each_frame(
        frames in prop::collection::vec((frame(), -4..4_isize), 1..6)
    ) {
        let mut backend = super::super::FrameBackend::default();
        let mut terminal = vt100::Parser::new(12, 30, 0);
        let mut before = Buffer::empty(Rect::new(0, 0, 30, 12));
        let mut rows: Vec<(u8, bool)> = Vec::new();
        for (new, by) in frames {
            // Some rows of the frame before, moved, and new ones in their places.
            let kept = |y: usize| {
                let from = y.checked_add_signed(by)?;
                rows.get(from).copied().filter(|_| (2..10).contains(&y))
            };
            rows = (0..).zip(&new).map(|(y, new)| kept(y).unwrap_or(*new)).collect();
            let wanted = drawn(&rows);
            ratatui::backend::Backend::draw(&mut backend, before.diff(&wanted).into_iter())
                .expect("a buffer");
            terminal.process(&backend.take());
            let mut whole = super::super::FrameBackend::default();
            let mut anew = vt100::Parser::new(12, 30, 0);
            let blank = Buffer::empty(wanted.area);
            ratatui::backend::Backend::draw(&mut whole, blank.diff(&wanted).into_iter())
                .expect("a buffer");
            anew.process(&whole.take());
            for (y, x) in (0..12).flat_map(|y| (0..30).map(move |x| (y, x))) {
                let cell = |screen: &vt100::Parser| {
                    let cell = screen.screen().cell(y, x).expect("a cell");
                    (cell.contents().trim_end().to_owned(), cell.bgcolor())
                };
                prop_assert_eq!(cell(&terminal), cell(&anew), "{} {}", y, x);
            }
            before = wanted;
        }
    }
}
