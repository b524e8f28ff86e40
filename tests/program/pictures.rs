//! The pictures of the README and of the walkthrough, drawn from the screen of the real program in its demo:
//! `OFFBOARD_UPDATE_DOCS=1 cargo test --test program pictures` writes them.

use std::path::{Path, PathBuf};

use offboard::simulator::SimulatorSettings;
use vt100::{Cell, Color, Screen};

use super::terminal::{Terminal, requested_count};
use super::workbench::Workbench;

/// If this variable is set, the pictures are drawn anew.
pub const UPDATE: &str = "OFFBOARD_UPDATE_DOCS";
const PICTURES: [(&str, &str); 4] = [
    ("devices", "README.md"),
    ("plan", "README.md"),
    ("run", "README.md"),
    ("returned", "docs/walkthrough.md"),
];
/// The largest picture, in bytes.
const LARGEST: u64 = 200_000;

const COLUMNS: u16 = 120;
const ROWS: u16 = 40;
/// A cell, in pixels.
const CELL: (f32, f32) = (8.4, 17.0);
const MARGIN: f32 = 12.0;
const BACKGROUND: &str = "#0d1117";
const FOREGROUND: &str = "#c9d1d9";

fn path(picture: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/pictures/{picture}.svg"))
}

#[test]
fn pictures_are_those_of_the_pages_and_small() {
    if std::env::var_os(UPDATE).is_some() {
        draw_all();
    }
    for (picture, page) in PICTURES {
        let metadata = std::fs::metadata(path(picture)).expect("a picture");
        assert!(metadata.len() < LARGEST, "{picture}: {}", metadata.len());
        let drawn = std::fs::read_to_string(path(picture)).expect("readable");
        let texts = drawn
            .split("</text>")
            .filter_map(|text| text.rsplit_once('>'));
        let collapsed = texts.filter(|(_, text)| text.contains(' ')).count();
        assert_eq!(collapsed, 0, "{picture}: blanks that browsers collapse");
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
        let page = std::fs::read_to_string(page).expect("a page");
        let link = format!("pictures/{picture}.svg");
        assert!(page.contains(&link), "{link}");
    }
}

fn draw_all() {
    let bench = Workbench::new(SimulatorSettings::default());
    let dark = [("COLORTERM", "truecolor")];
    let mut terminal = Terminal::start_with(&bench, &["--demo"], &dark, COLUMNS, ROWS);
    terminal.wait_for(" shown");
    terminal.press("/unseen>60d -type:server\r");
    terminal.wait_for("/ unseen>60d");
    terminal.press("jjj");
    // A wide terminal shows the overview from the start.
    terminal.wait("the border of the panel", |screen| screen.contains('│'));
    terminal.wait_quiet();
    draw(
        &terminal,
        "devices",
        "the list of devices, filtered, with the overview of its values",
    );
    terminal.press("a");
    terminal.wait_for("marked");
    terminal.press("d");
    terminal.wait_for("What should happen to");
    terminal.press("r");
    let count = requested_count(&terminal);
    terminal.wait_quiet();
    draw(
        &terminal,
        "plan",
        "the confirmation of a plan, by the number of its devices",
    );
    terminal.type_count(&count);
    terminal.press_until("2", "run screen", |screen| screen.contains("needs you"));
    terminal.wait("call in flight after an answer", |screen| {
        screen.contains("sending call") && screen.contains("opens them")
    });
    draw(&terminal, "run", "a run, while its devices are sent");
}

/// Draws what the terminal shows.
pub fn draw(terminal: &Terminal, picture: &str, title: &str) {
    let svg = terminal.look(|screen| svg(screen, title));
    std::fs::create_dir_all(path("x").parent().expect("a directory")).expect("created");
    std::fs::write(path(picture), svg).expect("written");
}

/// The screen as an SVG picture, in which each row is a few texts of one style.
fn svg(screen: &Screen, title: &str) -> String {
    let (rows, columns) = screen.size();
    let width = f32::from(columns) * CELL.0 + 2.0 * MARGIN;
    let height = f32::from(rows) * CELL.1 + 2.0 * MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n\
         <title>offboard: {title}</title>\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n\
         <g font-family=\"ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace\" \
         font-size=\"14\" fill=\"{FOREGROUND}\">\n"
    );
    for row in 0..rows {
        let cells: Vec<&Cell> = (0..columns)
            .filter_map(|column| screen.cell(row, column))
            .collect();
        let mut column = 0;
        for run in cells.chunk_by(|one, other| Style::of(one) == Style::of(other)) {
            Style::of(run[0]).draw(run, (row, column), &mut svg);
            column += run.len();
        }
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

#[derive(PartialEq)]
struct Style {
    colour: String,
    background: String,
    attributes: String,
}

impl Style {
    fn of(cell: &Cell) -> Self {
        let colour = hex(cell.fgcolor(), FOREGROUND);
        let background = hex(cell.bgcolor(), BACKGROUND);
        let (colour, background) = if cell.inverse() {
            (background, colour)
        } else {
            (colour, background)
        };
        let mut attributes = String::new();
        for (is, attribute) in [
            (cell.bold(), " font-weight=\"bold\""),
            (cell.italic(), " font-style=\"italic\""),
            (cell.underline(), " text-decoration=\"underline\""),
            (cell.dim(), " opacity=\".6\""),
        ] {
            if is {
                attributes.push_str(attribute);
            }
        }
        Self {
            colour,
            background,
            attributes,
        }
    }

    /// Draws cells of this style that begin at this row and column.
    fn draw(&self, run: &[&Cell], (row, column): (u16, usize), svg: &mut String) {
        let text: String = run
            .iter()
            .filter(|cell| !cell.is_wide_continuation())
            .map(|cell| match cell.contents() {
                "" => " ",
                text => text,
            })
            .collect();
        let columns = |count: usize| f32::from(u16::try_from(count).expect("small")) * CELL.0;
        let (x, y) = (MARGIN + columns(column), MARGIN + f32::from(row) * CELL.1);
        if self.background != BACKGROUND {
            svg.push_str(&format!(
                "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{}\" fill=\"{}\"/>\n",
                columns(run.len()),
                CELL.1,
                self.background
            ));
        }
        let shown = text.trim_end();
        if shown.trim().is_empty() {
            return;
        }
        // The length makes columns align in every font; blanks at the end are no part of it.
        let length = columns(run.len() - (text.len() - shown.len()));
        let fill = match self.colour.as_str() {
            FOREGROUND => String::new(),
            colour => format!(" fill=\"{colour}\""),
        };
        svg.push_str(&format!(
            "<text x=\"{x:.1}\" y=\"{:.1}\" textLength=\"{length:.1}\"{fill}{}>{}</text>\n",
            y + 13.0,
            self.attributes,
            // Browsers draw several blanks as one, and none at the beginning.
            shown
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace(' ', "\u{a0}")
        ));
    }
}

fn hex(colour: Color, default: &str) -> String {
    let rgb = match colour {
        Color::Default => return default.to_owned(),
        Color::Rgb(red, green, blue) => (red, green, blue),
        Color::Idx(index) => {
            let index = anstyle::Ansi256Color(index);
            let rgb = anstyle_lossy::xterm_to_rgb(index, anstyle_lossy::palette::VGA);
            (rgb.r(), rgb.g(), rgb.b())
        }
    };
    format!("#{:02x}{:02x}{:02x}", rgb.0, rgb.1, rgb.2)
}
