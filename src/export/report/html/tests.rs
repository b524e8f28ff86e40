use std::fmt::Write as _;
use std::sync::LazyLock;

use html5ever::tendril::TendrilSink as _;
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use proptest::prelude::*;

use super::*;
use crate::export::report::document::{Bars, CountedPart};
use crate::text::visible;

/// A document of every kind of element, with `name` wherever a text can be.
fn sample(name: &str) -> Document {
    let share = |tone| CountedPart {
        label: name.into(),
        count: 7,
        tone,
    };
    let tones = [Tone::Good, Tone::Bad, Tone::Warning, Tone::Neutral];
    let columns = vec![
        Column::Number("which"),
        Column::Code("device"),
        Column::Words("host name"),
        Column::Time("seen"),
    ];
    let blocks = vec![
        Block::Paragraph(name.into()),
        Block::Notice {
            tone: Tone::Warning,
            text: name.into(),
            command: Some(name.into()),
        },
        Block::Facts(vec![(name.into(), name.into())]),
        Block::Shares(tones.map(share).into()),
        Block::Bars(Bars {
            caption: name.into(),
            label: name.into(),
            unit: name.into(),
            shares: tones.map(share).into(),
            total: 28,
        }),
        Block::Table(Table {
            caption: name.into(),
            columns,
            rows: vec![vec![name.into(); 4]],
            remainder: Some(name.into()),
        }),
    ];
    let part = Section::new(name, blocks.clone());
    let sections = vec![part.clone(), part];
    Document {
        title: name.into(),
        subtitle: name.into(),
        summary: blocks.clone(),
        sections: vec![Section {
            heading: name.into(),
            blocks,
            sections,
        }],
        footer: name.into(),
    }
}

/// What a browser makes of a document: its elements with their attributes, and its texts.
#[derive(Debug, Default, PartialEq, Eq)]
struct Page {
    elements: String,
    texts: Vec<String>,
}

impl Page {
    fn parse(html: &str) -> Self {
        let dom = html5ever::parse_document(RcDom::default(), html5ever::ParseOpts::default());
        let mut page = Self::default();
        page.add(&dom.one(html).document, 0);
        page
    }

    fn add(&mut self, node: &Handle, depth: usize) {
        match &node.data {
            NodeData::Element { name, attrs, .. } => {
                let _ = write!(self.elements, "{:depth$}{}", "", name.local);
                for attribute in attrs.borrow().iter() {
                    let _ = write!(self.elements, " {}", attribute.name.local);
                    // The only attribute with text from outside.
                    match &*attribute.name.local {
                        "aria-label" => self.texts.push(attribute.value.to_string()),
                        _ => {
                            let value = attribute.value.to_string();
                            let _ = write!(self.elements, "={value:?}");
                        }
                    }
                }
                self.elements.push('\n');
            }
            NodeData::Text { contents } => self.texts.push(contents.borrow().to_string()),
            NodeData::Comment { contents } => panic!("a comment: {contents}"),
            NodeData::ProcessingInstruction { .. } => panic!("a processing instruction"),
            NodeData::Document | NodeData::Doctype { .. } => {}
        }
        for child in node.children.borrow().iter() {
            self.add(child, depth + 1);
        }
    }
}

fn hostile_name() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "<script>alert(1)</script>",
        "\" onload=\"alert(1)",
        "' style='x",
        "</title></style></td></table></svg>",
        "<!--",
        "-->",
        "<![CDATA[",
        "&lt;b&gt;",
        "&#60;img src=x onerror=alert(1)&#62;",
        "javascript:alert(1)",
        "<svg/onload=alert(1)>",
        "<base href=//evil>",
        "\u{202e}gpj.exe",
        "\u{0}\u{1b}[2J\r\n\t",
        "{{7*7}}",
        "<?xml?>",
    ]);
    let piece = prop_oneof![pieces.prop_map(str::to_owned), any::<String>()];
    let pieces = prop::collection::vec(piece, 1..5);
    pieces.prop_map(|pieces| format!("x{}", pieces.concat()))
}

proptest! {
    #[test]
    fn hostile_name_is_text_and_never_markup(name in hostile_name()) {
        static PLAIN: LazyLock<Page> = LazyLock::new(|| Page::parse(&html(&sample("LT-4411"))));
        let (plain, hostile) = (&*PLAIN, Page::parse(&html(&sample(&name))));
        prop_assert_eq!(&plain.elements, &hostile.elements);
        prop_assert_eq!(plain.texts.len(), hostile.texts.len());
        for (plain, hostile) in plain.texts.iter().zip(&hostile.texts) {
            prop_assert_eq!(&plain.replace("LT-4411", &visible(&name)), hostile);
        }
    }
}

#[test]
fn page_runs_nothing_and_loads_nothing() {
    let page = html(&sample("LT-4411"));
    let elements = Page::parse(&page).elements;
    let tags: std::collections::BTreeSet<&str> = elements
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let expected = "a body caption code dd div dl dt footer h1 h2 h3 head header html li main meta \
        nav p rect section span strong style svg table tbody td tfoot th thead title tr ul";
    assert_eq!(tags.into_iter().collect::<Vec<_>>().join(" "), expected);
    for word in [
        " on",
        " src",
        " style=",
        "http:",
        "https:",
        "url(",
        "@import",
        "javascript",
    ] {
        assert!(!elements.contains(word), "{word} in {elements}");
        assert!(word.starts_with(' ') || !page.contains(word), "{word}");
    }
    assert!(elements.contains("default-src 'none'; style-src 'unsafe-inline'"));
}

#[test]
fn page_can_be_read_by_a_screen_reader() {
    let page = html(&sample("LT-4411"));
    let elements = Page::parse(&page).elements;
    let count = |part: &str| elements.matches(part).count();
    assert_eq!(count(" html lang=\"en\""), 1, "{elements}");
    assert_eq!(count(" title\n"), 1);
    assert_eq!(
        count(" caption\n"),
        count(" table"),
        "every table has a caption"
    );
    assert_eq!(
        count(" th "),
        count(" th scope")
            + count(" th class=\"number\" scope")
            + count(" th class=\"share\" scope")
    );
    assert_eq!(
        count(" svg "),
        count(" svg class=\"stacked\" role=\"img\" aria-label")
            + count(" svg role=\"img\" aria-label")
    );
    let levels: Vec<u32> = elements
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix('h')?.parse().ok())
        .collect();
    assert_eq!(levels[0], 1);
    for pair in levels.windows(2) {
        assert!(pair[1] <= pair[0] + 1, "a level is left out: {levels:?}");
    }
}

/// The contrast of two colors as WCAG 2 defines it.
fn contrast(one: &str, other: &str) -> f64 {
    let luminance = |color: &str| {
        let full: String = match color.len() {
            4 => color
                .chars()
                .skip(1)
                .flat_map(|digit| [digit, digit])
                .collect(),
            _ => color[1..].to_owned(),
        };
        let channel = |at: usize| {
            let value = u8::from_str_radix(&full[at..at + 2], 16).expect("a color");
            let value = f64::from(value) / 255.0;
            if value <= 0.040_45 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
    };
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn colors_have_enough_contrast_in_every_scheme() {
    let mut schemes = 0;
    for block in STYLE.split(":root {").skip(1) {
        let block = block.split('}').next().expect("a block");
        let color = |name: &str| {
            let value = block.split(&format!("--{name}: ")).nth(1);
            let value = value.unwrap_or_else(|| panic!("{name} is missing in {block}"));
            value.split(';').next().expect("a value").to_owned()
        };
        for ink in ["ink", "soft", "link", "good", "bad", "warning", "neutral"] {
            for paper in ["page", "raised"] {
                let ratio = contrast(&color(ink), &color(paper));
                assert!(ratio >= 4.5, "{ink} on {paper}: {ratio:.2} in {block}");
            }
        }
        schemes += 1;
    }
    assert_eq!(schemes, 3, "light, dark and paper");
}
