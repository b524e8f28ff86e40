//! The filter's completions, and the menu of filters, in a pseudo-terminal.

use super::terminal::Terminal;
use super::workbench::Workbench;

#[test]
fn filter_is_completed_from_a_list_with_counts_that_come_true() {
    let bench = Workbench::with(60);
    bench.configure("[filters]\nold-laptops = \"unseen>60d type:laptop\"");
    let mut terminal = Terminal::opened(&bench, 120, 40);
    terminal.press("/type:des");
    let count_of = |screen: &str, name: &str| -> Option<String> {
        let line = screen
            .lines()
            .find(|line| line.contains(&format!("│ {name}")))?;
        let rest = line.split(name).nth(1)?.split('│').next()?;
        rest.trim()
            .parse::<u64>()
            .ok()
            .map(|count| count.to_string())
    };
    let screen = terminal.wait("the count of a candidate", |screen| {
        count_of(screen, "type:desktop").is_some()
    });
    let count = count_of(&screen, "type:desktop").expect("a count");
    terminal.press("\t\r");
    terminal.wait_for(&format!("{count} shown"));
    // `/` right behind the escape would belong to it.
    terminal.press("\u{1b}");
    terminal.wait("all devices", |screen| {
        !screen.contains(&format!("{count} shown"))
    });
    terminal.press("/old");
    terminal.wait_for("saved filter");
    terminal.press("\t");
    terminal.wait_for("/ unseen>60d type:laptop");
    terminal.press("\u{1b}");
    terminal.wait("no filter", |screen| !screen.contains("/ unseen"));
    terminal.press("F");
    let screen = terminal.wait("the counts of filters", |screen| {
        screen.contains("  old-laptops ") && !screen.contains("counting…")
    });
    let count = count_of(
        &screen,
        "  old-laptops                 unseen>60d type:laptop",
    );
    let count = count.unwrap_or_else(|| panic!("{screen}"));
    terminal.press("\r");
    terminal.wait_for(&format!("{count} shown"));
    terminal.press("q");
    terminal.exit_code();
}

#[test]
fn filter_is_saved_in_the_configuration_and_there_at_the_next_start() {
    let bench = Workbench::with(60);
    bench.configure("# ours\n[ui]\nbell = false # quiet");
    let before = bench.config();
    let mut terminal = Terminal::opened(&bench, 80, 24);
    terminal.press("/type:desktop\r");
    terminal.wait_for("/ type:desktop");
    terminal.press("F");
    terminal.wait_for("S save current");
    terminal.press("S");
    terminal.wait_for("save the filter");
    terminal.press("office machines\r");
    terminal.wait_for("Saved the filter office machines");
    terminal.wait_for("saved in [filters]");
    // Keys are dropped for a moment after the dialog has closed by itself.
    terminal.press_until("\u{1b}", "the table", |screen| {
        !screen.contains("saved in [filters]")
    });
    terminal.press("q");
    terminal.exit_code();
    let added = "\n[filters]\n\"office machines\" = \"type:desktop\"\n";
    assert_eq!(bench.config(), format!("{}\n{added}", before.trim_end()));
    let mut terminal = Terminal::opened(&bench, 80, 24);
    terminal.press("F");
    terminal.wait_for("office machines");
    terminal.press("\r");
    terminal.wait_for("/ type:desktop");
    terminal.press("q");
    terminal.exit_code();
}
