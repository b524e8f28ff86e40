use super::*;

fn drawn(backend: &mut FrameBackend, text: &str) -> Vec<u8> {
    let mut cell = Cell::default();
    cell.set_symbol(text);
    let cells: &[Cell] = if text.is_empty() { &[] } else { &[cell] };
    backend
        .draw(cells.iter().map(|cell| (1, 2, cell)))
        .expect("a buffer");
    backend.hide_cursor().expect("a buffer");
    backend.take()
}

#[test]
fn frame_is_one_synchronized_update() {
    let mut backend = FrameBackend::default();
    let mut cell = Cell::default();
    cell.set_symbol("x");
    let cells = (1..=300).map(|x| (x, 2, &cell));
    backend.draw(cells).expect("a buffer");
    let text = String::from_utf8(backend.take()).expect("text");
    assert!(
        text.starts_with("\u{1b}[?2026h\u{1b}[3;2Hx") && text.ends_with("\u{1b}[?2026l"),
        "{text:?}"
    );
}

#[test]
fn small_change_is_written_without_a_frame() {
    let frame = drawn(&mut FrameBackend::default(), "x");
    assert_eq!(String::from_utf8(frame).expect("text"), "\u{1b}[3;2Hx");
}

#[test]
fn cursor_takes_the_shortest_way() {
    let way = |cells: &[(u16, u16, &str)]| {
        let cells: Vec<(u16, u16, Cell)> = cells
            .iter()
            .map(|&(x, y, symbol)| {
                let mut cell = Cell::default();
                cell.set_symbol(symbol);
                (x, y, cell)
            })
            .collect();
        let mut backend = FrameBackend::default();
        let content = cells.iter().map(|(x, y, cell)| (*x, *y, cell));
        backend.draw(content).expect("a buffer");
        String::from_utf8(backend.bytes.clone()).expect("text")
    };
    // To the right, over one cell and over several.
    assert_eq!(way(&[(1, 2, "a"), (3, 2, "b")]), "\u{1b}[3;2Ha\u{1b}[Cb");
    assert_eq!(way(&[(1, 2, "a"), (9, 2, "b")]), "\u{1b}[3;2Ha\u{1b}[7Cb");
    // Behind a character of doubtful width, from the beginning of the row.
    assert_eq!(
        way(&[(1, 20, "●"), (3, 20, "b")]),
        "\u{1b}[21;2H●\r\u{1b}[3Cb"
    );
    // Into the next row, and into one that is further away.
    assert_eq!(
        way(&[(9, 20, "a"), (1, 21, "b")]),
        "\u{1b}[21;10Ha\r\n\u{1b}[Cb"
    );
    assert_eq!(
        way(&[(9, 20, "a"), (1, 23, "b")]),
        "\u{1b}[21;10Ha\u{1b}[24;2Hb"
    );
    // Where the line may have wrapped, its row isn't known.
    assert_eq!(
        way(&[(70, 20, "●"), (1, 21, "b")]),
        "\u{1b}[21;71H●\u{1b}[22;2Hb"
    );
}

#[test]
fn frame_without_a_change_is_empty() {
    assert!(drawn(&mut FrameBackend::default(), "").is_empty());
}

#[test]
fn cells_are_where_and_how_they_were_drawn() {
    let mut backend = FrameBackend::default();
    let mut terminal = vt100::Parser::new(3, 20, 0);
    let cell = |symbol: &str, modifier: Modifier, fg: Color| {
        let mut cell = Cell::default();
        cell.set_symbol(symbol);
        (cell.modifier, cell.fg) = (modifier, fg);
        cell
    };
    let (plain, bold) = (Modifier::empty(), Modifier::BOLD);
    let cells = [
        (1, 0, cell("a", plain, Color::Reset)),
        (2, 0, cell("b", bold, Color::Red)),
        (9, 0, cell("c", bold | Modifier::REVERSED, Color::Red)),
        (10, 0, cell("…", Modifier::REVERSED, Color::Reset)),
        (15, 0, cell("d", plain, Color::Reset)),
        (19, 0, cell("e", plain, Color::Reset)),
        (0, 2, cell("f", plain, Color::Reset)),
        (2, 2, cell("g", bold, Color::Reset)),
    ];
    let content = cells.iter().map(|(x, y, cell)| (*x, *y, cell));
    backend.draw(content).expect("a buffer");
    let frame = backend.take();
    terminal.process(&frame);
    let screen = terminal.screen();
    assert_eq!(screen.contents(), " ab      c…    d   e\n\nf g");
    for (x, y, drawn) in &cells {
        let shown = screen.cell(*y, *x).expect("a cell");
        assert_eq!(shown.contents(), drawn.symbol());
        assert_eq!(shown.bold(), drawn.modifier.contains(bold), "{x}");
        let reversed = drawn.modifier.contains(Modifier::REVERSED);
        assert_eq!(shown.inverse(), reversed, "{x}");
        let is_red = shown.fgcolor() != vt100::Color::Default;
        assert_eq!(is_red, drawn.fg == Color::Red, "{x}");
    }
    assert!(!screen.bold() && !screen.inverse(), "plain after a frame");
    // Behind a character whose width terminals disagree on, the way begins at the row's beginning.
    let text = String::from_utf8(frame).expect("text");
    assert!(
        text.contains("\u{1b}[6C") && text.contains("\r\u{1b}[15C"),
        "{text:?}"
    );
}

#[test]
fn cursor_is_moved_only_where_it_is_not_yet() {
    let mut backend = FrameBackend::default();
    let mut shown = |text: &str| {
        let mut cell = Cell::default();
        cell.set_symbol("x");
        let cells: &[Cell] = if text.is_empty() { &[] } else { &[cell] };
        let content = cells.iter().map(|cell| (0, 0, cell));
        backend.draw(content).expect("a buffer");
        backend.show_cursor().expect("a buffer");
        backend.set_cursor_position((4, 0)).expect("a buffer");
        String::from_utf8(backend.take()).expect("text")
    };
    assert!(shown("x").ends_with("\u{1b}[1;5H"));
    assert_eq!(shown(""), "");
    let again = shown("x");
    assert!(again.contains("\u{1b}[1;5H") && !again.contains("\u{1b}[?25h"));
}

#[test]
fn blank_is_written_in_the_style_before_it_unless_that_is_seen() {
    let written = |modifier: Modifier, bg: Color| {
        let mut cells = [Cell::default(), Cell::default(), Cell::default()];
        cells[0].set_symbol("a").set_fg(Color::Red).set_bg(bg);
        cells[0].modifier = modifier;
        cells[2].set_symbol("b").set_fg(Color::Red).set_bg(bg);
        cells[2].modifier = modifier;
        let mut backend = FrameBackend::default();
        let content = (1..).zip(&cells).map(|(x, cell)| (x, 2, cell));
        backend.draw(content).expect("a buffer");
        String::from_utf8(backend.bytes.clone()).expect("text")
    };
    let bold = written(Modifier::BOLD, Color::Reset);
    assert!(bold.contains("a b"), "{bold:?}");
    for seen in [
        written(Modifier::UNDERLINED, Color::Reset),
        written(Modifier::REVERSED, Color::Reset),
        written(Modifier::BOLD, Color::Blue),
    ] {
        assert!(!seen.contains("a b"), "{seen:?}");
    }
}

#[test]
fn text_that_is_typed_needs_no_way_to_where_the_cursor_is() {
    let mut backend = FrameBackend::default();
    let mut echo = |x: u16| {
        let mut cell = Cell::default();
        cell.set_symbol("a");
        backend.draw([(x, 2, &cell)].into_iter()).expect("a buffer");
        backend.set_cursor_position((x + 1, 2)).expect("a buffer");
        String::from_utf8(std::mem::take(&mut backend.bytes)).expect("text")
    };
    assert_eq!(echo(3), "\u{1b}[3;4Ha");
    assert_eq!(echo(4), "a");
    assert_eq!(echo(9), "\u{1b}[4Ca");
}

#[test]
fn sixteen_colours_have_their_own_codes_and_others_those_of_a_palette() {
    let styled = |fg, bg| {
        let mut out = Vec::new();
        set_style(&mut out, None, (fg, bg, Modifier::empty()));
        String::from_utf8(out).expect("text")
    };
    assert_eq!(styled(Color::LightRed, Color::Blue), "\u{1b}[91;44m");
    assert_eq!(styled(Color::Black, Color::White), "\u{1b}[30;107m");
    assert_eq!(
        styled(Color::Indexed(210), Color::Reset),
        "\u{1b}[38;5;210m"
    );
    assert_eq!(
        styled(Color::Rgb(1, 2, 3), Color::Reset),
        "\u{1b}[38;2;1;2;3m"
    );
}
