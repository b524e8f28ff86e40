//! Names in the query that selected the devices of a run.

use super::pseudonyms::Names;
use super::rows::describes_device;
use crate::domain::run::RunId;
use crate::plan::SelectedBy;
use crate::query;

/// The options that may follow a query, with names of files and numbers.
const OPTIONS: [&str; 4] = ["--ids", "--match", "--all", "--oldest"];

/// What selected the devices, with a hash in place of each value of a query that may be a name: of `user`,
/// `hostname` and other such fields, of other columns, and of words that are looked for everywhere.
pub(super) fn forgotten(selection: &str, names: &Names<'_>) -> String {
    let (prefix, text) = match SelectedBy::parse(selection, RunId::is_short) {
        SelectedBy::File { name, and_by_hand } => {
            let name = names.hash(&name);
            return SelectedBy::File { name, and_by_hand }.to_string();
        }
        SelectedBy::Filter(filter) => (SelectedBy::Filter(String::new()).to_string(), filter),
        SelectedBy::Query(query) => (String::new(), query),
        // These have no value.
        other => return other.to_string(),
    };
    let is_option = |rest: &str| {
        let word = rest.split_whitespace().next();
        prefix.is_empty() && word.is_some_and(|word| OPTIONS.contains(&word))
    };
    let hashed = query::with_values(&text, is_option, |field, value| {
        let is_name = !field.is_some_and(describes_device);
        is_name.then(|| names.hash(value))
    });
    match hashed {
        Some((query, options)) => format!("{prefix}{query}{}", names.replaced(options)),
        None => format!("{prefix}{}", names.hash(&text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::forget::key::Key;
    use crate::journal::forget::pseudonyms::Pseudonyms;

    #[test]
    fn names_in_a_query_are_replaced_and_the_rest_stays() {
        let pseudonyms = Pseudonyms::new(&Key([1; 32]));
        let names = Names::new(&pseudonyms, ["ada"]);
        let hash = |name: &str| pseudonyms.of(name);
        let [ada, grace] = [hash("ada"), hash("grace h")];
        let cases = [
            (
                "unseen>90d type:laptop",
                "unseen>90d type:laptop".to_owned(),
            ),
            (
                "(user:ada,\"Grace H\" or -hostname=LT-1) is:repeated",
                format!(
                    "(user:{ada},{grace} or -hostname={}) is:repeated",
                    hash("lt-1")
                ),
            ),
            ("joan", hash("joan")),
            (
                "\"Joan C\" os:windows",
                format!("{} os:windows", hash("joan c")),
            ),
            (
                "@\"Cost center\":4711",
                format!("@\"Cost center\":{}", hash("4711")),
            ),
            (
                "dup:@\"Cost center\" serial:PF1",
                "dup:@\"Cost center\" serial:PF1".to_owned(),
            ),
            ("user:none --oldest 50", "user:none --oldest 50".to_owned()),
            ("user:\"none\"", format!("user:{}", hash("none"))),
            ("--ids ada.txt", format!("--ids {ada}.txt")),
            (
                "unseen>9d --ids \"of ada - 2\" --all",
                format!("unseen>9d --ids \"of {ada} - 2\" --all"),
            ),
            ("retry of run 7f7c30wr", "retry of run 7f7c30wr".to_owned()),
            (
                "retry of run ada",
                format!("{} {} {} {ada}", hash("retry"), hash("of"), hash("run")),
            ),
            ("marked by hand", "marked by hand".to_owned()),
            (
                "marked in an earlier session",
                "marked in an earlier session".to_owned(),
            ),
            (
                "marked by hand or with earlier filters",
                "marked by hand or with earlier filters".to_owned(),
            ),
            (
                "marked from ada.csv, and by hand",
                format!("marked from {}, and by hand", hash("ada.csv")),
            ),
            (
                "marked with the filter: User:ada",
                format!("marked with the filter: User:{ada}"),
            ),
            // Every way to write a negation.
            ("-user:ada", format!("-user:{ada}")),
            ("--user:ada x", format!("--user:{ada} {}", hash("x"))),
            (
                "NOT user:ada not (User:ada)",
                format!("NOT user:{ada} not (User:{ada})"),
            ),
            ("-(os:w)user:ada", format!("-(os:w)user:{ada}")),
            ("-\"Grace H\" --ada", format!("-{grace} --{ada}")),
            (
                "-@\"Manager\"=\"Grace H\",ada",
                format!("-@\"Manager\"={grace},{ada}"),
            ),
            // A quote in a pattern is none.
            ("os:/\"/ user:ada", format!("os:/\"/ user:{ada}")),
            (
                "-user:/a\"d a/ mac:00",
                format!("-user:{} mac:00", hash("a\"d a")),
            ),
            // Not a query of this version.
            ("user:ada \"", hash("user:ada \"")),
        ];
        for (query, expected) in cases {
            assert_eq!(forgotten(query, &names), expected, "{query}");
        }
    }
}
